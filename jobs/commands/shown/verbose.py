"""`winnow --verbose`: what goes on inside, for whoever looks for a fault: our log lines, tracebacks of errors, Spark's own log.

Others' libraries are heard from INFO on: what they say below is mostly headers, and some of these are secrets.
"""

import logging

from jobs.commands.shown.terminal import harmless, messages

OURS = ("jobs", "pipeline", "tokenizer", "model")
FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _ToTerminal(logging.Handler):
    """Lines beside the bars of progress; what they quote is made harmless."""

    def emit(self, record: logging.LogRecord) -> None:
        messages.print(harmless(self.format(record)), style="dim", soft_wrap=True)


def listen() -> None:
    handler = _ToTerminal()
    handler.setFormatter(logging.Formatter(FORM, "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("py4j").setLevel(logging.WARNING)  # a line for each call into Java
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
