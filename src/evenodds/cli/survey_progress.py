"""The progress of `survey run`: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenodds.survey.progress import Progress

_EVERY = 30.0
_WIDE = 130
"""Columns that a bar beside the words takes; a narrower terminal has the words alone."""


@contextmanager
def progress(total: int) -> "Iterator[Callable[[Progress], None]]":
    """What is to be called with the progress; it is shown on standard error."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    drawn = (TextColumn("asking"), BarColumn()) if console.width >= _WIDE else ()
    columns = (*drawn, MofNCompleteColumn(), TextColumn("{task.fields[told]}"))
    with Bar(*columns, console=console, transient=True) as bar:
        work = bar.add_task("asking", total=total, told="")

        def tell(now: "Progress") -> None:
            bar.update(work, total=now.paid + now.left, completed=now.paid, told=told(now))

        yield tell


def told(now: "Progress") -> str:
    """Money so far, calls under way, and the time left, in a few words.

    With the number of replies before it, it fits 80 columns up to some ten thousand calls.
    """
    if now.stopping:
        return f"ending when {now.under_way} calls have come back; Ctrl-C again: at once"
    left = "" if now.seconds_left is None else f", {_minutes(now.seconds_left)} at most"
    failed = f", {now.failed:,} failed" if now.failed else ""
    spent = f"${now.spent:,.{2 if now.spent >= 1 else 4}f}"
    return f"{spent}, {now.under_way} under way{failed}, {now.ended}/{now.lanes} ended{left}"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


class _Lines:
    """A line every half minute."""

    def __init__(self) -> None:
        self._next, self._stopping = time.monotonic() + _EVERY, False

    def __call__(self, now: "Progress") -> None:
        if time.monotonic() >= self._next or now.stopping > self._stopping:
            self._stopping = now.stopping
            self._next = time.monotonic() + _EVERY
            print(
                f"{now.paid:,} replies, {told(now)} (${now.reserved:.4f} more at worst)",
                file=sys.stderr,
                flush=True,
            )
