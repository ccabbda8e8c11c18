"""Arrangements of items: shuffles, choices without replacement, subsets, lotteries and cards."""

import math
from collections import Counter
from typing import Any

from evenodds.distributions.family import (
    Number,
    chance,
    family,
    outcomes,
    separator,
    shown,
    texts,
    whole,
)
from evenodds.distributions.pmf import Pmf, whole_weights
from evenodds.distributions.totals import END, Choice
from evenodds.distributions.tree import Tree
from evenodds.distributions.work import charge
from evenodds.errors import TargetError, TooLargeError

MOST_ITEMS = 200
MOST_BALLS = 1_000

RANKS = ("Ace", "2", "3", "4", "5", "6", "7", "8", "9", "10", "Jack", "Queen", "King")
SUITS = ("Clubs", "Diamonds", "Hearts", "Spades")


@family
def shuffle(*items: Any, sep: str = ", ") -> Tree:
    """All `items` in an order that is uniform over all orders: `shuffle("a", "b", "c")`.

    Items that are given twice are shuffled like any others and told apart by nobody.
    """
    listed = _items(items, "shuffle")
    return _ordered(listed, len(listed), separator(sep))


@family
def choose(k: int, *items: Any, ordered: bool = True, sep: str = ", ") -> Tree:
    """`k` of `items` without replacement: `choose(2, "a", "b", "c")`.

    Ordered: the order of drawing counts. `ordered=False`: the chosen items are written in the
    order in which they were given, each set equally likely, and no item may be given twice.
    """
    listed = _items(items, "choose")
    whole(k, "the number to choose, which comes first,", 1)
    if k > len(listed):
        raise TargetError(
            f"{k} of {len(listed)} items cannot be chosen without replacement; list more"
        )
    if not isinstance(ordered, bool):
        raise TargetError(f"ordered is {shown(ordered)}; give True or False")
    return (_ordered if ordered else _unordered)(listed, k, separator(sep))


def _items(items: tuple[Any, ...], what: str) -> list[str]:
    listed = texts(outcomes(items, what))
    if len(listed) > MOST_ITEMS:
        raise TooLargeError(f"{what} has {len(listed):,} items; give at most {MOST_ITEMS:,}")
    charge(len(listed) ** 2, what)
    return listed


def _ordered(items: list[str], k: int, sep: str) -> Tree:
    """Draw item after item; a state is how many are wanted and how many are left of each."""
    different = list(dict.fromkeys(items))
    counts = Counter(items)
    distinct = len(different) == len(items)

    def step(state: Any) -> Pmf[Choice]:
        wanted, left = state
        if wanted == 1:
            return Pmf(((different[i], END), n) for i, n in left)
        return Pmf(
            ((different[i] + sep, (wanted - 1, _without(left, at))), n)
            for at, (i, n) in enumerate(left)
        )

    def alike(state: Any) -> Any:
        wanted, left = state
        return (wanted, len(left)) if distinct else (wanted, tuple(sorted(n for _, n in left)))

    start = (k, tuple((i, counts[item]) for i, item in enumerate(different)))
    return Tree(start, step, alike=alike)


def _without(left: tuple[tuple[int, int], ...], at: int) -> tuple[tuple[int, int], ...]:
    """The counts `left` after one item of those in place `at` is drawn."""
    i, n = left[at]
    return (*left[:at], *([(i, n - 1)] if n > 1 else []), *left[at + 1 :])


def _unordered(items: list[str], k: int, sep: str) -> Tree:
    """Choose the next item in given order, in proportion to the ways of choosing the rest."""
    size = len(items)
    if len(set(items)) < size:
        raise TargetError("an unordered choice needs different items; one is given twice")
    charge(k * size**2 // 2, "this choice")

    def step(state: Any) -> Pmf[Choice]:
        first, wanted = state
        if wanted == 1:
            return Pmf.uniform((items[j], END) for j in range(first, size))
        return Pmf(
            ((items[j] + sep, (j + 1, wanted - 1)), math.comb(size - j - 1, wanted - 1))
            for j in range(first, size - wanted + 1)
        )

    return Tree((0, k), step)


@family
def subset(*items: Any, p: Number = 0.5, sep: str = ", ", empty: str = "none") -> Tree:
    """Each item is in with probability `p`, written in given order; `empty` when none is.

    `subset("cheese", "ham", "olives")` has 8 equally likely outcomes.
    """
    listed = _items(items, "subset")
    joint, inside = separator(sep), chance(p)
    if len(set(listed)) < len(listed) or empty in listed:
        raise TargetError("a subset needs different items, none of them the word for the empty one")
    size = len(listed)
    weights = whole_weights([inside, 1 - inside])
    up, down = weights
    whole_power = [(up + down) ** m for m in range(size + 1)]

    def step(first: Any) -> Pmf[Choice]:
        """The next item that is in, and whether another follows it."""
        rows: list[tuple[Choice, int]] = []
        for j in range(first, size):
            rest = size - j - 1
            chosen = down ** (j - first) * up
            rows.append(((listed[j], END), chosen * down**rest))
            rows.append(((listed[j] + joint, j + 1), chosen * (whole_power[rest] - down**rest)))
        if first == 0:
            rows.append(((str(empty), END), down**size))
        return Pmf(rows)

    return Tree(0, step)


@family
def lottery(k: int, n: int, sep: str = ", ") -> Tree:
    """`k` different numbers from 1 to `n`, written in rising order: `lottery(6, 49)`."""
    whole(n, "the highest number", 1, MOST_BALLS)
    whole(k, "the number of balls", 1, n)
    return _unordered([str(i) for i in range(1, n + 1)], k, separator(sep))


def deck() -> list[str]:
    """The 52 cards, "Ace of Clubs" to "King of Spades", suit by suit."""
    return [f"{rank} of {suit}" for suit in SUITS for rank in RANKS]


@family
def card() -> Pmf[str]:
    """One card of 52: "Ace of Clubs", ..., "King of Spades"."""
    return Pmf.uniform(deck())


@family
def hand(n: int, ordered: bool = False, sep: str = ", ") -> Tree:
    """`n` cards of 52 without replacement: `hand(5)`; unordered ones are written in deck order."""
    whole(n, "the number of cards", 1, 52)
    return choose(n, *deck(), ordered=ordered, sep=sep)
