"""One model and one question: which draw is owed next, and what is seen in which order.

Readings are shown to the stopper in order of their draw, whatever order they came in; at most
`ahead` draws are asked beyond the first that is owed. So a verdict depends on the replies alone.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import numpy as np

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

    `at` counts the draws that were seen, `kept` those that were paid; `ended` says why it ended:
    "decided", "all draws", "cap", "given up", "refused", "price unknown"; "" while it goes on.
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
    ended: str = ""
    fault: str = ""
    declined: bool = False
    state: str = "ready"
    _cursor: int = 0
    _fresh: int = 0
    _held: dict[int, ReadingLike] = field(default_factory=dict)
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
        seen = self._see_past(past, whole)
        self.at += seen
        self._cursor = int(past.i[seen - 1]) + 1 if seen else 0
        self._held = {int(past.i[k]): decoded(past, k) for k in range(seen, len(past.i))}
        self._look()
        self._advance()

    def _see_past(self, past: Replayed, whole: int) -> int:
        """Show the stopper the first draws of the past; how many it saw until it was done."""
        if self.stopper is None:
            return whole
        many: Any = getattr(self.stopper, "see_many", None)
        if many is not None:
            parts = (past.i, past.kind, past.outcome, past.position)
            return int(many(self.model.id, *(part[:whole] for part in parts), odds=past.odds))
        for k in range(whole):
            self.stopper.see(self.model.id, int(past.i[k]), decoded(past, k))
            if self.stopper.done(self.model.id):
                return k + 1
        return whole

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

    def arrived(self, i: int, reading: ReadingLike) -> None:
        """Take the reading of a paid draw."""
        self.kept += 1
        self._failures.pop(i, None)
        if not self.ended:
            self._held[i] = reading
            self._advance()

    def finish(self, why: str, fault: str = "") -> None:
        """End the lane, once."""
        if not self.ended:
            self.ended, self.fault = why, fault
            drop: Any = getattr(self.stopper, "drop", None)
            if drop is not None and why not in ("decided", "all draws"):
                drop(self.model.id)  # let no look of e-BH wait for it
            self._held.clear()
            self._retries.clear()
            self.at = self._used()

    def _used(self) -> int:
        """How many draws the verdict rests on: where all are judged together, maybe fewer."""
        standing: Any = getattr(self.stopper, "standing", None)
        return self.at if standing is None else min(self.at, int(standing(self.model.id).n))

    @property
    def left(self) -> int:
        """How many draws may still be asked."""
        return 0 if self.ended else max(0, self.draws - self.at - len(self._held) - len(self.lost))

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
                self._see(self._held.pop(self._cursor))
            else:
                return

    def _see(self, reading: ReadingLike) -> None:
        place, self._cursor = self._cursor, self._cursor + 1
        self.at += 1
        if self.stopper is not None:
            self.stopper.see(self.model.id, place, reading)
            self._look()

    def _look(self) -> None:
        """End when decided, which other models may bring about too (e-BH)."""
        if not self.ended and self.stopper is not None and self.stopper.done(self.model.id):
            self.finish("decided")
