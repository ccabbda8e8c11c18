"""The door of the `evenodds` command, and of `python -m evenodds`: light, so that it is quiet."""

import os
import signal
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line; a Ctrl-C while it is still being loaded ends it without a traceback.

    The handler that was there is put back before the command runs; one that somebody else set, or
    an interrupt that is ignored (a job in the background), is left as it is.
    """
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if usual:
        signal.signal(signal.SIGINT, _leave)
    from evenodds.cli import main as run

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
