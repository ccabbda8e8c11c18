"""`Tree`: a law over texts that is given by successive choices and expanded only where it is asked.

A shuffle of 52 cards has 52! outcomes but only 52 kinds of state, so its probabilities, its
entropy and its draws are exact and immediate.
"""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from random import Random
from typing import Any, Final, TypeAlias

from evenodds.distributions.law import LISTABLE, Law
from evenodds.distributions.pmf import Pmf, log_ratio
from evenodds.errors import TargetError, TooLargeError

State: TypeAlias = Hashable
Choice: TypeAlias = tuple[str, State]
Step: TypeAlias = tuple[str, Pmf[Choice], Choice]

MOST_STATES = 100_000
"""The most kinds of state that a sum over states visits."""

MOST_EDGES = 2_000_000
"""The most choices, over all those states."""


class _End(Enum):
    END = "END"

    def __repr__(self) -> str:
        return "END"


END: Final = _End.END
"""The state in which a text is complete."""


@dataclass(frozen=True)
class _Totals:
    """What a state knows of everything below it: paths, entropy in nats, longest path in choices."""

    paths: int
    entropy: float
    height: int


class Tree:
    """A law over texts: from `start`, draw a piece of text and a next state, until `END`.

    `step(state)` gives the pmf of pairs `(piece, next_state)`; the outcome is the pieces joined.
    States are hashable, and equal states are shared, so sums cost states and not outcomes.

    >>> flips = Tree(2, lambda left: Pmf.uniform((side, left - 1 or END) for side in "HT"))
    >>> flips.prob("HT"), flips.support_size, round(flips.entropy() / math.log(2), 12)
    (Fraction(1, 4), 4, 2.0)

    `alike(state)`, if given, names the kind of a state: two states of one kind must have the same
    weights leading to the same kinds, and any two choices whose pieces could be mistaken for each
    other must already meet at the first state of the kind. A shuffle has 2^52 states and 52 kinds.

    Several paths may spell one text. `prob`, `logprob`, `draw` and `pmf` are right in any case:
    they add the paths up. `entropy` and `support_size` are sums over states when no two paths can
    spell one text (each choice is settled by the text that follows); otherwise they list the law,
    and raise `TooLargeError` when it is too large for that.
    """

    def __init__(
        self,
        start: State,
        step: Callable[[Any], Pmf[Any]],
        *,
        alike: Callable[[Any], Hashable] | None = None,
        error: float = 0.0,
    ):
        self.start = start
        self.step: Callable[[State], Pmf[Choice]] = lru_cache(maxsize=4096)(step)
        self.alike = alike or _itself
        self.error = min(float(error), 1.0)

    def __repr__(self) -> str:
        return f"Tree({self.start!r})"

    # --- what it says -----------------------------------------------------------------------

    @property
    def support_size(self) -> int:
        """The exact number of texts of positive probability."""
        return self._totals.paths if self._settled else len(self._listed)

    def entropy(self) -> float:
        """The entropy over texts in nats, by the chain rule: H(choice) + sum p H(next state)."""
        return self._totals.entropy if self._settled else self._listed.entropy()

    def mean(self) -> None:
        """`None`: texts have no mean."""
        return

    def variance(self) -> None:
        """`None`: texts have no variance."""
        return

    def prob(self, text: str, /) -> Fraction:
        """The exact probability of `text`, over all paths that spell it; 0 off the support."""
        found = Fraction(0)
        frontier: dict[tuple[State, int], Fraction] = {(self.start, 0): Fraction(1)}
        while frontier:
            following: dict[tuple[State, int], Fraction] = {}
            for (state, at), mass in frontier.items():
                choices = self.step(state)
                for (piece, after), weight in choices.items():
                    if not text.startswith(piece, at):
                        continue
                    share = mass * Fraction(weight, choices.total)
                    if after is not END:
                        key = (after, at + len(piece))
                        following[key] = following.get(key, Fraction(0)) + share
                    elif at + len(piece) == len(text):
                        found += share
            frontier = following
        return found

    def logprob(self, text: str, /) -> float:
        """The natural logarithm of `prob(text)`; `-inf` off the support."""
        mass = self.prob(text)
        return log_ratio(mass.numerator, mass.denominator)

    def steps(self, text: str) -> list[Step]:
        """A path that spells `text`: at each choice the text so far, the pmf, and what was chosen.

        Where several paths spell it, the one that takes the likeliest choice first.
        Raises `TargetError` when no path spells it.
        """
        path: list[Step] = []
        options = [iter(self._options(self.start, text, 0))]
        dead: set[tuple[State, int]] = set()
        states: list[State] = [self.start]
        while options:
            at = len(path[-1][0]) + len(path[-1][2][0]) if path else 0
            choice = next(options[-1], None)
            if choice is None:
                dead.add((states.pop(), at))
                options.pop()
                if path:
                    path.pop()
                continue
            step = (text[:at], self.step(states[-1]), choice)
            end, after = at + len(choice[0]), choice[1]
            if after is END and end == len(text):
                return [*path, step]
            if after is not END and (after, end) not in dead:
                path.append(step)
                states.append(after)
                options.append(iter(self._options(after, text, end)))
        raise TargetError(f"{text[:80]!r} is not in the support of the law")

    def _options(self, state: State, text: str, at: int) -> list[Choice]:
        """The choices at `state` that agree with `text` from position `at`, likeliest first."""
        fitting = [(w, c) for c, w in self.step(state).items() if text.startswith(c[0], at)]
        return [choice for _, choice in sorted(fitting, key=lambda pair: -pair[0])]

    def draw(self, rng: Random, /) -> str:
        """One text: one fair integer draw at each choice."""
        state, pieces = self.start, list[str]()
        while state is not END:
            piece, state = self.step(state).draw(rng)
            pieces.append(piece)
        return "".join(pieces)

    # --- listing ----------------------------------------------------------------------------

    def pmf(self, limit: int = LISTABLE) -> Pmf[str]:
        """Every text with its weight; `TooLargeError` when there are more than `limit`."""
        paths = self._totals.paths
        if self._settled and paths > limit:
            raise TooLargeError(
                f"{_count(paths)} outcomes are more than the {limit:,} that can be listed here"
            )
        listed = self._list(limit) if self._settled else self._listed
        return listed.pmf(limit)

    @cached_property
    def _listed(self) -> Pmf[str]:
        """All paths, added up by text: how an ambiguous tree is summed."""
        if self._totals.paths > 2 * LISTABLE:
            raise TooLargeError(
                "different choices can spell the same text here, and "
                f"{_count(self._totals.paths)} of them are too many to list; "
                "put a separator between the parts"
            )
        return self._list(LISTABLE)

    def _list(self, limit: int) -> Pmf[str]:
        masses: dict[str, Fraction] = {}
        stack: list[tuple[str, State, Fraction]] = [("", self.start, Fraction(1))]
        while stack:
            prefix, state, mass = stack.pop()
            if state is END:
                masses[prefix] = masses.get(prefix, Fraction(0)) + mass
                if len(masses) > limit:
                    raise TooLargeError(f"more than the {limit:,} outcomes that can be listed here")
                continue
            choices = self.step(state)
            for (piece, after), weight in reversed(list(choices.items())):
                stack.append((prefix + piece, after, mass * Fraction(weight, choices.total)))
        common = math.lcm(*(mass.denominator for mass in masses.values()))
        weights = {t: m.numerator * (common // m.denominator) for t, m in masses.items()}
        return Pmf(weights, error=self.error)

    # --- sums over states -------------------------------------------------------------------

    @property
    def height(self) -> int:
        """The greatest number of choices on any path."""
        return self._totals.height

    @property
    def _totals(self) -> _Totals:
        return self._summed[0]

    @property
    def _settled(self) -> bool:
        return self._summed[1]

    @cached_property
    def _summed(self) -> tuple[_Totals, bool]:
        """The totals of the start, and whether every choice is settled by the text after it."""
        done: dict[Hashable, _Totals] = {END: _Totals(1, 0.0, 0)}
        opened: dict[Hashable, dict[_Edge, int]] = {}
        settled, edges = True, 0
        stack: list[State] = [self.start]
        while stack:
            kind = self.kind(stack[-1])
            if kind in done:
                stack.pop()
            elif kind in opened:
                done[kind] = _sum(opened.pop(kind), done)
                stack.pop()
            else:
                choices = self.step(stack[-1])
                edges += len(choices)
                if len(done) + len(opened) > MOST_STATES or edges > MOST_EDGES:
                    raise TooLargeError(
                        f"more than {MOST_STATES:,} states or {MOST_EDGES:,} choices to sum over"
                    )
                settled = settled and _is_settled(choices)
                opened[kind], below = self._edges(choices)
                if not opened.keys().isdisjoint(below):
                    raise TargetError("the choices of this law can go round for ever")
                stack.extend(state for kind, state in below.items() if kind not in done)
        return done[self.kind(self.start)], settled

    def kind(self, state: State) -> Hashable:
        """The kind of a state: states of one kind have the same totals below them."""
        return END if state is END else self.alike(state)

    def _edges(self, choices: Pmf[Choice]) -> tuple[dict["_Edge", int], dict[Hashable, State]]:
        """How many choices lead with which probability to which kind, and a state of each kind."""
        counts: dict[_Edge, int] = {}
        below: dict[Hashable, State] = {}
        for (_, after), weight in choices.items():
            kind = self.kind(after)
            edge = (kind, weight, choices.total)
            counts[edge] = counts.get(edge, 0) + 1
            below.setdefault(kind, after)
        return counts, below


_Edge: TypeAlias = tuple[Hashable, int, int]


def _sum(edges: dict[_Edge, int], done: dict[Hashable, _Totals]) -> _Totals:
    """The totals of a state from its edges and the totals of the kinds below it."""
    return _Totals(
        paths=sum(count * done[kind].paths for (kind, _, _), count in edges.items()),
        entropy=math.fsum(
            count * (weight / total) * (done[kind].entropy - log_ratio(weight, total))
            for (kind, weight, total), count in edges.items()
        ),
        height=1 + max(done[kind].height for kind, _, _ in edges),
    )


def _is_settled(choices: Pmf[Choice]) -> bool:
    """Whether the text that follows always tells which choice was taken.

    True when pieces differ and none starts another, unless the shorter one completes the text.
    In sorted order the pieces that start with a given one come right after it.
    """
    pairs = sorted((piece, after is END) for (piece, after), _ in choices.items())
    return not any(
        longer.startswith(shorter) and (longer == shorter or not ends)
        for (shorter, ends), (longer, _) in pairwise(pairs)
    )


def _itself(state: State) -> State:
    return state


def _count(number: int) -> str:
    """A number of outcomes for a message: digits while they are few, then a power of ten."""
    return f"{number:,}" if number < 10**12 else f"about 10^{math.log10(number):.0f}"


def as_tree(law: Law) -> Tree:
    """The law as a tree over texts: itself, or one choice among the listed outcomes."""
    if isinstance(law, Tree):
        return law
    choices = law.pmf().map(lambda outcome: (str(outcome), END))
    return Tree("outcome", lambda _: choices, error=law.error)
