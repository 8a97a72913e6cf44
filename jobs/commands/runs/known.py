"""What is said before a run is used whose weights still know removed pages."""

from pathlib import Path


def say_known(run: Path) -> None:
    """A warning where the weights still know pages that were removed from their corpus."""
    from jobs.commands.shown.terminal import say
    from jobs.runs.unlearn.affected import still_known

    if (line := still_known(run)) is not None:
        say(line)
