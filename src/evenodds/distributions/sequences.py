"""Laws made of parts: repeated draws, templates of independent parts, Markov chains."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from evenodds.distributions.family import (
    Number,
    as_law,
    exact,
    family,
    outcome,
    separator,
    shown,
    whole,
)
from evenodds.distributions.law import Law
from evenodds.distributions.pmf import Pmf, whole_weights
from evenodds.distributions.totals import END, Choice, State
from evenodds.distributions.tree import Tree, as_tree
from evenodds.distributions.work import charge
from evenodds.errors import TargetError, TooLargeError

LONGEST = 10_000
"""The most choices that one text may take."""


def chain(parts: Sequence[Tree], after: Sequence[str], before: str = "") -> Tree:
    """Independent parts one after the other, each followed by its own fixed text.

    States are (part, state within it); the fixed text belongs to the last piece of its part, so
    that "1, " cannot be mistaken for the start of "12, ".
    """
    last = len(parts) - 1

    def entering(i: int) -> State:
        return (i, parts[i].start)

    def step(state: Any) -> Pmf[Choice]:
        i, within = state
        lead = before if state == start else ""

        def move(choice: Choice) -> Choice:
            piece, then = choice
            if then is not END:
                return lead + piece, (i, then)
            return lead + piece + after[i], END if i == last else entering(i + 1)

        choices: Pmf[Choice] = parts[i].step(within)
        return choices.map(move)

    def alike(state: Any) -> Any:
        return state[0], parts[state[0]].kind(state[1])

    start = entering(0)
    return Tree(start, step, alike=alike, error=sum(part.error for part in parts))


@family
def sequence(law: Law, n: int, sep: str = ", ") -> Tree:
    """`n` independent draws joined by `sep`: `sequence(coin(0.5), 10)`."""
    whole(n, "the number of draws", 1, LONGEST)
    joint = separator(sep)
    part = as_tree(as_law(law, "what a sequence repeats"))
    _bounded([part] * n)
    return chain([part] * n, [joint] * (n - 1) + [""])


@family
def template(text: str, /, **parts: Law) -> Law:
    """A text with independent parts in braces: `template("{rank} of {suit}", rank=..., suit=...)`.

    `{{` and `}}` stand for braces themselves. Each part is named once and has a law.
    """
    pieces, names = _read_template(text)
    if len(set(names)) < len(names) or set(names) != set(parts):
        raise TargetError(
            f"the template {shown(text)} has the parts {_listed(names)}, and laws are given for "
            f"{_listed(parts)}; give each part of the text one law, and name each part once"
        )
    if not names:
        return Pmf.point(pieces[0])
    trees = [as_tree(as_law(parts[name], f"the part {name}")) for name in names]
    _bounded(trees)
    return chain(trees, pieces[1:], pieces[0])


def _listed(names: Any) -> str:
    return ", ".join(names) or "(none)"


def _read_template(text: str) -> tuple[list[str], list[str]]:
    """The fixed pieces of a template, one more than the names between them, and the names."""
    if not isinstance(text, str):
        raise TargetError(f"a template is a text such as '{{a}} of {{b}}', not {shown(text)}")
    pieces, names = [""], list[str]()
    try:
        for fixed, name, spec, conversion in Formatter().parse(text):
            pieces[-1] += fixed
            if name is None:
                continue
            if spec or conversion or not name.isidentifier():
                raise ValueError(f"{{{name}}} is no plain name")
            names.append(name)
            pieces.append("")
    except ValueError as why:
        raise TargetError(
            f"the template {shown(text)} cannot be read: {why}; "
            "parts are written {name}, and braces themselves {{ and }}"
        ) from None
    return pieces, names


@family
def markov(first: Any, moves: Mapping[Any, Mapping[Any, Number]], n: int, sep: str = ", ") -> Tree:
    """The first `n` states of a Markov chain, joined by `sep`.

    `first` is a state, or `{state: weight}`; `moves` gives each state's `{next state: weight}`:
    `markov("sun", {"sun": {"sun": 3, "rain": 1}, "rain": {"sun": 1, "rain": 1}}, 7)`.
    """
    whole(n, "the number of states", 1, LONGEST)
    joint = separator(sep)
    if not isinstance(moves, Mapping) or not moves:
        raise TargetError(
            f"moves, which comes after the first state, is {shown(moves)}; "
            'give {state: {next state: weight}}, such as {"a": {"a": 1, "b": 2}, "b": {"a": 1}}'
        )
    charge(
        n * sum(len(move) if isinstance(move, Mapping) else 1 for move in moves.values()),
        "this chain",
    )
    laws = {str(outcome(state)): _move(move) for state, move in moves.items()}
    opening = _move(first if isinstance(first, Mapping) else {first: 1})
    lost = {to for law in (opening, *laws.values()) for to in law} - laws.keys()
    if lost and n > 1:
        raise TargetError(f"the chain can reach {shown(min(lost))}, for which moves has no entry")

    def step(state: Any) -> Pmf[Choice]:
        left, at = state
        law: Pmf[str] = opening if left == n else laws[at]
        return law.map(lambda to: (to + joint, (left - 1, to)) if left > 1 else (to, END))

    return Tree((n, ""), step)


def _move(weights: Any) -> Pmf[str]:
    if not isinstance(weights, Mapping) or not weights:
        raise TargetError(f"{shown(weights)} is no move; give {{next state: weight}}")
    shares = [exact(weight, f"the weight of {shown(to)}") for to, weight in weights.items()]
    if min(shares) < 0:
        raise TargetError(f"{shown(weights)} has a negative weight; give 0 or more")
    states = [str(outcome(to)) for to in weights]
    if len(set(states)) < len(states):
        raise TargetError(f"two states of {shown(weights)} have one text; rename one")
    return Pmf(zip(states, whole_weights(shares), strict=True))


def _bounded(parts: Sequence[Tree]) -> None:
    """Refuse texts of too many choices, and parts with too many choices between them."""
    choices = sum(part.summary.totals.height for part in parts)
    if choices > LONGEST:
        raise TooLargeError(f"a text of {choices:,} choices is too long; at most {LONGEST:,}")
    charge(sum(part.summary.edges for part in parts), "a text of so many choices")
