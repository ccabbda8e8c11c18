"""Sums over the states of a tree: how many texts, how much entropy, how deep, how wide.

States of one kind share their totals, so each kind is expanded once, deepest first and without
recursion.
"""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any, Final, TypeAlias

from evenodds.distributions.pmf import Pmf, log_ratio
from evenodds.errors import TargetError, TooLargeError

State: TypeAlias = Hashable
Choice: TypeAlias = tuple[str, State]
_Edge: TypeAlias = tuple[Hashable, int, int]

MOST_KINDS = 100_000
"""The most kinds of state that are summed over."""

MOST_EDGES = 2_000_000
"""The most choices, over all those kinds."""


class _End(Enum):
    END = "END"

    def __repr__(self) -> str:
        return "END"


END: Final = _End.END
"""The state in which a text is complete."""


@dataclass(frozen=True)
class Totals:
    """What lies below a state: paths to the end, their entropy in nats, the longest in choices."""

    paths: int
    entropy: float
    height: int


@dataclass(frozen=True)
class Summary:
    """The totals of a whole tree, how many choices its kinds have, and whether text settles them.

    Settled means that no two paths spell one text: each choice is known from the text after it.
    """

    totals: Totals
    edges: int
    settled: bool


def summarise(
    start: State, step: Callable[[State], Pmf[Choice]], kind: Callable[[State], Hashable]
) -> Summary:
    """Sum over all kinds of state that can be reached from `start`.

    Raises `TargetError` for choices that can go round for ever, `TooLargeError` beyond 100,000
    kinds or 2,000,000 choices.
    """
    done: dict[Hashable, Totals] = {END: Totals(1, 0.0, 0)}
    opened: dict[Hashable, dict[_Edge, int]] = {}
    settled, edges = True, 0
    stack: list[State] = [start]
    while stack:
        here = kind(stack[-1])
        if here in done:
            stack.pop()
        elif here in opened:
            done[here] = _add_up(opened.pop(here), done)
            stack.pop()
        else:
            choices = step(stack[-1])
            edges += len(choices)
            if len(done) + len(opened) > MOST_KINDS or edges > MOST_EDGES:
                raise TooLargeError(
                    f"more than {MOST_KINDS:,} states or {MOST_EDGES:,} choices to sum over"
                )
            settled = settled and _is_settled(choices)
            opened[here], below = _group(choices, kind)
            if not opened.keys().isdisjoint(below):
                raise TargetError("the choices of this law can go round for ever")
            stack.extend(state for after, state in below.items() if after not in done)
    return Summary(done[kind(start)], edges, settled)


def _group(
    choices: Pmf[Choice], kind: Callable[[State], Hashable]
) -> tuple[dict[_Edge, int], dict[Hashable, State]]:
    """How many choices lead with which chance to which kind, and one state of each such kind."""
    counts: dict[_Edge, int] = {}
    below: dict[Hashable, State] = {}
    for (_, after), weight in choices.items():
        there = kind(after)
        edge = (there, weight, choices.total)
        counts[edge] = counts.get(edge, 0) + 1
        below.setdefault(there, after)
    return counts, below


def _add_up(edges: dict[_Edge, int], done: dict[Hashable, Totals]) -> Totals:
    """The totals of a state from those below it: H(choice) + sum p H(next)."""
    return Totals(
        paths=sum(count * done[kind].paths for (kind, _, _), count in edges.items()),
        entropy=math.fsum(
            count * (weight / total) * (done[kind].entropy - log_ratio(weight, total))
            for (kind, weight, total), count in edges.items()
        ),
        height=1 + max(done[kind].height for kind, _, _ in edges),
    )


def _is_settled(choices: Pmf[Choice]) -> bool:
    """Whether the text that follows always tells which of these choices was taken.

    True when pieces differ and none starts another, unless the shorter one completes the text.
    In sorted order the pieces that start with a given one come right after it.
    """
    pairs = sorted((piece, after is END) for (piece, after), _ in choices.items())
    return not any(
        longer.startswith(shorter) and (longer == shorter or not ends)
        for (shorter, ends), (longer, _) in pairwise(pairs)
    )


def same(state: Any) -> Any:
    """The kind of a state when every state is its own kind."""
    return state
