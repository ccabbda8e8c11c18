"""One model and one question: which draw is owed next, and what is seen in which order.

Readings are shown to the stopper in order of their draw, whatever order they came in; at most
`ahead` draws are asked beyond the first that is owed. So a verdict depends on the replies alone.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from evenodds.survey.copies import MOST, copies, endless
from evenodds.survey.interfaces import QuestionLike, ReadingLike, StopperLike, decoded
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.pace import Pace
from evenodds.survey.store_rows import Replayed

__all__ = ["Lane"]

_LOOK = 0.1
"""Seconds until a model that waits for the others' look asks whether it still has to."""


@dataclass(eq=False)
class Lane:
    """A model's way through a question. `draws` bounds it, `stopper` may end it before.

    `at` counts the draws that were seen, `kept` the replies that were paid, `copied` those among
    them that were copies of earlier ones (see `copies`); `ended` is set when it ended (see `why`).
    """

    model: ModelInfo
    question: QuestionLike
    draws: int
    ahead: int
    stopper: StopperLike | None
    pace: Pace
    lost: set[int] = field(default_factory=set)
    at: int = 0
    kept: int = 0
    copied: int = 0
    ended: str = ""
    fault: str = ""
    declined: bool = False
    state: str = "ready"
    _cursor: int = 0
    _fresh: int = 0
    _held: dict[int, tuple[ReadingLike, int]] = field(default_factory=dict)
    _marks: set[int] = field(default_factory=set)
    _row: int = 0
    _retries: list[tuple[float, int]] = field(default_factory=list)
    _failures: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A lane with nothing to ask has ended."""
        self._advance()

    def recall(self, past: Replayed) -> None:
        """Go on from what was paid before: readings in order of i."""
        self.kept += len(past.i)
        inside = past.i < self.draws
        lost = np.sort(np.fromiter(self.lost, dtype=np.int64, count=len(self.lost)))
        gaps = past.i - np.searchsorted(lost, past.i) != np.arange(len(past.i))
        whole = int(np.argmax(gaps | ~inside)) if (gaps | ~inside).any() else len(past.i)
        used = self._recall_seen(past, whole)
        self._look()
        if not self.ended and self._cursor < self.draws:
            self._marks = set(past.mark[:used].tolist())
            self._held = {
                int(past.i[k]): (decoded(past, k), int(past.mark[k]))
                for k in range(used, len(past.i))
            }
        self._advance()

    def _recall_seen(self, past: Replayed, whole: int) -> int:
        """Show the stopper the first `whole` replies of the past; how many of them were needed."""
        copied = copies(past.mark[:whole])
        end = endless(copied)
        shown = np.flatnonzero(~copied[:end])
        seen = self._see_past(past, shown)
        self.at += seen
        if seen < len(shown) or (seen and self._done()):
            end = int(shown[seen - 1]) + 1 if seen else 0
        elif end is not None:
            self._behind_a_cache()
        used = whole if end is None else end
        self.copied += int(copied[:used].sum())
        self._row = used - 1 - int(shown[-1]) if len(shown) else used
        self._cursor = int(past.i[used - 1]) + 1 if used else 0
        return used

    def _done(self) -> bool:
        return self.stopper is not None and self.stopper.done(self.model.id)

    def _see_past(self, past: Replayed, shown: npt.NDArray[np.int64]) -> int:
        """Show the stopper some replies of the past; how many it saw until it was done."""
        if self.stopper is None:
            return len(shown)
        many: Any = getattr(self.stopper, "see_many", None)
        if many is not None:
            parts = (past.i, past.kind, past.outcome, past.position)
            return int(many(self.model.id, *(part[shown] for part in parts), odds=past.odds))
        for seen, k in enumerate(shown.tolist(), start=1):
            self.stopper.see(self.model.id, int(past.i[k]), decoded(past, k))
            if self._done():
                return seen
        return len(shown)

    def owed_at(self, now: float) -> float | None:
        """When the next draw may be asked: now, later, or None while there is none to ask."""
        self._look()
        if self.ended:
            return None
        waits: Any = getattr(self.stopper, "waits", None)
        if waits is not None and waits(self.model.id):
            return now + _LOOK
        if self._fresh_draw() is not None:
            return now
        return max(now, self._retries[0][0]) if self._retries else None

    def take(self, now: float) -> int:
        """The draw to be asked now; `owed_at(now)` said that there is one."""
        draw = self._fresh_draw()
        due = bool(self._retries) and self._retries[0][0] <= now
        if due and (draw is None or not self.pace.breaker.openings):
            return heapq.heappop(self._retries)[1]
        assert draw is not None, "a draw was taken that nobody owes"
        self._fresh = draw + 1
        return draw

    def again(self, i: int, when: float) -> None:
        """A draw is owed again, not before `when`."""
        heapq.heappush(self._retries, (when, i))

    def tries(self, i: int) -> int:
        """How often a draw failed in this run."""
        return self._failures.get(i, (0, 0, 0))[0]

    def failed(self, i: int) -> int:
        """Count a failure of a draw; how often it failed while others of its model came."""
        tries, alone, came = self._failures.get(i, (0, 0, 0))
        alone += self.pace.came > came
        self._failures[i] = (tries + 1, alone, self.pace.came)
        return alone

    def lose(self, i: int) -> None:
        """Go on without a draw that cannot be had."""
        self.lost.add(i)
        self._advance()

    def arrived(self, i: int, reading: ReadingLike, mark: int = 0) -> None:
        """Take the reading of a paid reply; `mark` stands for its id."""
        self.kept += 1
        self._failures.pop(i, None)
        if not self.ended:
            self._held[i] = (reading, mark)
            self._advance()

    def finish(self, why: str, fault: str = "") -> None:
        """End the lane, once."""
        if not self.ended:
            self.ended, self.fault = why, fault
            drop: Any = getattr(self.stopper, "drop", None)
            if drop is not None and why not in ("decided", "all draws"):
                drop(self.model.id)  # let no look of e-BH wait for it
            self._held.clear()
            self._marks.clear()
            self._retries.clear()
            self.at = self._used()

    def _used(self) -> int:
        """How many draws the verdict rests on: where all are judged together, maybe fewer."""
        standing: Any = getattr(self.stopper, "standing", None)
        return self.at if standing is None else min(self.at, int(standing(self.model.id).n))

    @property
    def why(self) -> str:
        """Why it ended: "decided", "all draws" where they did not decide, "cap", "given up",
        "refused", "price unknown"; "" while it goes on."""
        if self.ended not in ("decided", "all draws") or self.stopper is None:
            return self.ended
        return "all draws" if self.verdict == "undecided" else "decided"

    @property
    def left(self) -> int:
        """How many draws may still be asked."""
        gone = self.at + self.copied + len(self._held) + len(self.lost)
        return 0 if self.ended else max(0, self.draws - gone)

    @property
    def verdict(self) -> str:
        """The verdict so far; empty where nobody judges."""
        return "" if self.stopper is None else str(self.stopper.verdict(self.model.id))

    def _fresh_draw(self) -> int | None:
        draw = max(self._fresh, self._cursor)
        while draw in self._held or draw in self.lost:
            draw += 1
        ahead = self.ahead + self.tries(self._cursor)  # is it the draw that fails, or the model?
        return draw if draw < min(self.draws, self._cursor + ahead) else None

    def _advance(self) -> None:
        """Show the stopper what can be shown."""
        while not self.ended:
            if self._cursor >= self.draws:
                self.finish("all draws")
            elif self._cursor in self.lost:
                self._cursor += 1
            elif self._cursor in self._held:
                self._next(*self._held.pop(self._cursor))
            else:
                return

    def _next(self, reading: ReadingLike, mark: int) -> None:
        """Go on to the next reply: a draw, or a copy of an earlier one."""
        place, self._cursor = self._cursor, self._cursor + 1
        if mark and mark in self._marks:
            self.copied, self._row = self.copied + 1, self._row + 1
            if self._row == MOST:
                self._behind_a_cache()
            return
        self._marks.add(mark)
        self._row = 0
        self._see(place, reading)

    def _behind_a_cache(self) -> None:
        self.finish("given up", f"the last {MOST} replies were copies of earlier ones (a cache?)")

    def _see(self, place: int, reading: ReadingLike) -> None:
        self.at += 1
        if self.stopper is not None:
            self.stopper.see(self.model.id, place, reading)
            self._look()

    def _look(self) -> None:
        """End when decided, which other models may bring about too (e-BH)."""
        if not self.ended and self._done():
            self.finish("decided")
