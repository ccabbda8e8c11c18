"""Looks at all models at once: which of them e-BH holds, and so need not be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp

from evenodds.measure.multiple import e_bh, e_bh_pairs
from evenodds.survey.stopping_model import Standing

__all__ = ["Course", "Looks", "looks"]

GROWTH = 1.2
_MOST = 700.0


def looks(minimum: int, cap: int) -> tuple[int, ...]:
    """The numbers of readings at which all models are looked at: each 1.2 times the last.

    >>> looks(12, 30)
    (12, 15, 18, 22, 27, 30)
    """
    found = [min(minimum, cap)]
    while found[-1] < cap:
        found.append(min(cap, max(found[-1] + 1, int(found[-1] * GROWTH + 0.999))))
    return tuple(found)


class Course:
    """What a model stood at, at every look that it came to, and where it ended.

    `end`: the standing at which it stopped, by its own e-value, in a set, or because it was given
    up; `passed`: how many looks need not wait for it.
    """

    __slots__ = ("at", "end", "held", "passed")

    def __init__(self) -> None:
        self.at: list[Standing] = []
        self.end: Standing | None = None
        self.held = False
        self.passed = 0

    def by(self, look: int, n: int) -> Standing:
        """Where the model stood by a look at `n` readings."""
        if self.end is not None and self.end.n <= n:
            return self.end
        return self.at[look]


class Looks:
    """The looks at `m` models: a look is taken as soon as all have come to it, or ended before.

    What a look finds depends on the models' readings in their order alone: a model that was asked
    further before the others came is held as it stood at the look. `pooled`: alpha bounds the share
    of false verdicts among all (`e_bh_pairs`), else that among "biased" and that among "fair".

    A set stands once it is held: its models' e-values stay, and the bar m / (k alpha) only falls as
    more are held, so that all of it is in the e-BH set of the end, whose e-values are those of
    stopped e-processes.
    """

    def __init__(
        self, m: int, alpha: float, minimum: int, cap: int, *, pooled: bool = False
    ) -> None:
        self.m, self.alpha, self.pooled = m, alpha, pooled
        self.at = looks(minimum, cap)
        self.now = 0
        self._there = [0] * len(self.at)
        self.courses: list[Course] = []

    def next_of(self, course: Course) -> int:
        """The number of readings at which a model comes to its next look; -1 after the last."""
        seen = len(course.at)
        return self.at[seen] if seen < len(self.at) else -1

    def came(self, course: Course, standing: Standing) -> None:
        """A model came to its next look."""
        course.at.append(standing)
        self._pass(course, len(course.at))

    def ended(self, course: Course, standing: Standing) -> None:
        """A model ended: by its own e-value, or because it was given up."""
        course.end = standing
        self._pass(course, len(self.at))

    def _pass(self, course: Course, upto: int) -> None:
        for look in range(course.passed, upto):
            self._there[look] += 1
        course.passed = max(course.passed, upto)
        while self.now < len(self.at) and self._there[self.now] == self.m:
            self._take(self.now)
            self.now += 1

    def _take(self, look: int) -> None:
        """Hold the models that e-BH rejects at this look, as they stand."""
        stands = [course.by(look, self.at[look]) for course in self.courses]
        pairs = [(_value(each.log_bias), _value(each.log_fair)) for each in stands]
        for i, (biased, fair) in enumerate(self._fallen(pairs)):
            if biased or fair:
                self._hold(i, replace(stands[i], verdict="biased" if biased else "fair"))

    def _fallen(self, pairs: Sequence[tuple[float, float]]) -> list[tuple[bool, bool]]:
        """Which models are held as biased, and which as fair."""
        if self.pooled:
            return e_bh_pairs(pairs, self.alpha)
        sides = [e_bh(values, self.alpha) for values in zip(*pairs, strict=True)]
        return list(zip(*sides, strict=True))

    def _hold(self, i: int, standing: Standing) -> None:
        course = self.courses[i]
        if course.held:
            return
        course.held, course.end = True, standing
        for later in range(course.passed, len(self.at)):
            self._there[later] += 1
        course.passed = len(self.at)


def _value(log_e: float) -> float:
    """An e-value, cut where it decides everything."""
    return exp(min(log_e, _MOST))
