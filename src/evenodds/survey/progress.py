"""How far a run is: told now and then, and at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from evenodds.survey.store_rows import Stop

__all__ = ["Outcome", "Progress", "Teller"]

_EVERY = 0.25


@dataclass(frozen=True)
class Progress:
    """How far a run is. Dollars; `left` draws may still be asked, in `seconds_left` at this pace.

    `left` and `seconds_left` are upper bounds where models stop when they are decided. `stopping`:
    somebody asked for the end, and only the calls under way are waited for.
    """

    paid: int
    failed: int
    under_way: int
    spent: float
    reserved: float
    lanes: int
    ended: int
    left: int
    seconds: float
    seconds_left: float | None
    stopping: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `stops` says it for each model and question; `paid` and `failed` count calls
    of this run, `faults` the latter by what was said; `spent` are dollars of all runs."""

    stops: tuple[Stop, ...]
    paid: int
    failed: int
    faults: dict[str, int]
    spent: float
    seconds: float
    read_anew: int = 0

    @property
    def verdicts(self) -> dict[tuple[str, str], str]:
        """(question, model) -> verdict."""
        return {(stop.question, stop.model): stop.verdict for stop in self.stops}

    @property
    def unused(self) -> int:
        """Draws that were kept, and came after the verdict was clear."""
        return sum(stop.kept - stop.at - stop.copied for stop in self.stops)

    @property
    def copied(self) -> int:
        """Replies that were copies of earlier ones, and so no draws."""
        return sum(stop.copied for stop in self.stops)


@dataclass
class Teller:
    """Counts calls, and tells the progress, at most a few times a second."""

    tell: Callable[[Progress], None] | None
    paid: int = 0
    failed: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    _begun: float = field(default_factory=time.monotonic)
    _told: float = float("-inf")

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._begun

    def is_due(self) -> bool:
        """Whether it is time to tell."""
        return self.tell is not None and time.monotonic() - self._told >= _EVERY

    def say(
        self,
        *,
        under_way: int,
        spent: float,
        reserved: float,
        left: int,
        lanes: Sequence[bool],
        stopping: bool = False,
    ) -> None:
        """Tell how far the run is; `lanes` says of each whether it has ended."""
        if self.tell is None:
            return
        self._told = time.monotonic()
        pace = self.paid / self.seconds if self.seconds > 0 else 0.0
        self.tell(
            Progress(
                paid=self.paid,
                failed=self.failed,
                under_way=under_way,
                spent=spent,
                reserved=reserved,
                lanes=len(lanes),
                ended=sum(lanes),
                left=left,
                seconds=self.seconds,
                seconds_left=left / pace if pace else None,
                stopping=stopping,
            )
        )
