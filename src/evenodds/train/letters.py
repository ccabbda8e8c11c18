"""A listed law as a tree of its letters: the exact law of each next letter, at any length."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from operator import itemgetter
from typing import Any

from evenodds.distributions import Pmf
from evenodds.distributions.tree import END, Choice, Tree

State = tuple[int, int, int]
"""Which of the sorted texts are still possible (from, up to), and how many letters stand."""


def by_letters(law: Any) -> Tree:
    """The same law over texts, given letter by letter; a tree stays as it is.

    >>> law = by_letters(Pmf({4: 1, 40: 2, 7: 1}))
    >>> law.prob("4"), law.prob("40")
    (Fraction(1, 4), Fraction(1, 2))
    """
    if isinstance(law, Tree):
        return law
    listed = sorted((str(outcome), weight) for outcome, weight in law.pmf().items())
    texts = [text for text, _ in listed]
    sums = [0, *accumulate(weight for _, weight in listed)]

    def step(state: State) -> Pmf[Choice]:
        low, high, depth = state
        weights: dict[Choice, int] = {}
        while low < high:
            letter = texts[low][depth : depth + 1]
            if letter:
                stop = bisect_right(texts, letter, low, high, key=itemgetter(depth))
                after: Any = (low, stop, depth + 1)
            else:
                stop, after = low + 1, END
            weights[letter, after] = sums[stop] - sums[low]
            low = stop
        return Pmf(weights)

    return Tree((0, len(texts), 0), step)
