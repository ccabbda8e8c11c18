"""How far a study is, in lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


class Progress:
    """Tells each cell that ended and about how long the rest will take.

    `owed` cells are to be run now, of `cells` in all. `tell` gets lines; left out, they go to
    standard error.
    """

    def __init__(self, owed: int, cells: int, tell: Callable[[str], None] | None = None) -> None:
        self.owed, self.cells, self.ended = owed, cells, 0
        self.tell = tell or (lambda line: print(line, file=sys.stderr, flush=True))
        self.started = time.monotonic()
        if owed < cells:
            self.tell(f"  {cells - owed} of {cells} cells were done before")

    def done(self, cell: Mapping[str, Any], seconds: float) -> None:
        """Tell that a cell is done, which took `seconds` of CPU."""
        self._ended(cell, f"{seconds:.1f} CPU s")

    def failed(self, cell: Mapping[str, Any], error: BaseException) -> None:
        """Tell that a cell failed."""
        self._ended(cell, f"FAILED: {type(error).__name__}: {error}")

    def _ended(self, cell: Mapping[str, Any], words: str) -> None:
        self.ended += 1
        count = f"{self.cells - self.owed + self.ended}/{self.cells}"
        options = " ".join(f"{name}={value}" for name, value in cell.items())
        self.tell(f"  {count}  {options}  {words}{self._left()}")

    def _left(self) -> str:
        left = self.owed - self.ended
        seconds = (time.monotonic() - self.started) / self.ended * left
        return f"  (about {_duration(seconds)} left)" if left else ""


def _duration(seconds: float) -> str:
    """
    >>> _duration(12.3), _duration(150), _duration(8000)
    ('12 s', '2 min', '2.2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7000 else f"{seconds / 3600:.1f} h"
