"""Everything that can go wrong in a way the caller can act on. Each message says what, where and what to do next.

WinnowError                  exit status of the command
├── UsageError        2      the request cannot be carried out as written
│   ├── RecipeError   2      unknown key, wrong type, minimum above maximum
│   ├── InputError    2      an input is missing or cannot be read
│   └── CorpusError   2      the folder is no corpus, is one of another format, or lacks a stage
├── EnvironmentProblem 2     no Java, Java too old, disk full, folder not writable, port not free
├── Unforeseen        2      a mistake of ours; a file holds its details
└── BrokenPromise     1      a law does not hold: verify, audit
"""


class WinnowError(Exception):
    """Root of the tree; `exit_status` is what the command line returns."""

    exit_status = 2


class UsageError(WinnowError):
    """The request cannot be carried out as written."""


class RecipeError(UsageError):
    """The recipe has an unknown key, a value of the wrong type, or bounds that exclude everything."""


class InputError(UsageError):
    """An input file is missing, unreadable or of a kind that is not read."""


class CorpusError(UsageError):
    """The folder is not a corpus, is one of another format, or lacks what the command needs."""


class EnvironmentProblem(WinnowError):
    """The machine lacks something: Java, disk space, a writable folder, a free port."""


class Unforeseen(WinnowError):
    """An error that no code above its place has a meaning for; the message names the file with its details."""


class BrokenPromise(WinnowError):
    """A law does not hold; the message carries the difference."""

    exit_status = 1
