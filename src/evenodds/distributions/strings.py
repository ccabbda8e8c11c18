"""Strings of characters: passwords under constraints, and random UUIDs."""

import math
import string
from collections.abc import Sequence
from typing import Any

from evenodds.distributions.family import family, shown, whole
from evenodds.distributions.pmf import Pmf
from evenodds.distributions.totals import END, Choice
from evenodds.distributions.tree import Tree
from evenodds.distributions.work import charge, words
from evenodds.errors import TargetError

CLASSES = {
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digits": string.digits,
    "symbols": string.punctuation,
}
"""The classes of characters that a constraint can name."""

ALPHABETS = {**CLASSES, "letters": string.ascii_letters, "hex": "0123456789abcdef"}
"""The words that an alphabet can be made of."""

Bounds = int | Sequence[int]

MOST_CHARACTERS = 128


@family
def password(
    length: int,
    alphabet: str = "letters digits",
    *,
    lower: Bounds = 0,
    upper: Bounds = 0,
    digits: Bounds = 0,
    symbols: Bounds = 0,
    distinct: bool = False,
) -> Tree:
    """A string of `length` characters, uniform over all strings that meet the constraints.

    `alphabet` is words out of lower, upper, letters, digits, symbols, hex, or else the characters
    themselves: `password(12, "letters digits symbols", digits=1, upper=[1, 3])`. A constraint is
    the least number of characters of its class, or `[least, most]`; `distinct=True` allows no
    character twice. The strings are counted exactly, so none is favoured.

    Raises `TargetError` when no string meets the constraints.
    """
    whole(length, "the length of the password", 1, MOST_CHARACTERS)
    characters = _alphabet(alphabet)
    asked = {"lower": lower, "upper": upper, "digits": digits, "symbols": symbols}
    bounds = {name: _bounds(name, value, length) for name, value in asked.items() if value != 0}
    classes = {name: [c for c in characters if c in CLASSES[name]] for name in bounds}
    _check_classes(classes, bounds, alphabet)
    free = [c for c in characters if not any(c in CLASSES[name] for name in bounds)]
    groups = [(group, *bounds[name]) for name, group in classes.items()] + [(free, 0, length)]
    if distinct:
        groups = [(group, low, min(high, len(group))) for group, low, high in groups]
    return _counted(length, groups, distinct is True)


def _alphabet(alphabet: str) -> str:
    if not isinstance(alphabet, str) or not alphabet or len(alphabet) > 1_000:
        raise TargetError(f"the alphabet is {shown(alphabet)}; give 'letters digits' or characters")
    named = alphabet.split()
    if named and all(word in ALPHABETS for word in named):
        return "".join(dict.fromkeys("".join(ALPHABETS[word] for word in named)))
    if len(set(alphabet)) < len(alphabet):
        raise TargetError(
            f"the alphabet {shown(alphabet)} has a character twice; name each once, or use words "
            f"out of {', '.join(ALPHABETS)}"
        )
    return alphabet


def _check_classes(
    classes: dict[str, list[str]], bounds: dict[str, tuple[int, int]], alphabet: str
) -> None:
    """Refuse a class that is asked for and has no character in the alphabet."""
    lacking = [name for name, (least, _) in bounds.items() if least and not classes[name]]
    if lacking:
        raise TargetError(
            f"{lacking[0]}={bounds[lacking[0]][0]} is asked for, and the alphabet "
            f"{shown(alphabet)} has none of them; add them to it, as in 'letters digits symbols'"
        )


def _bounds(name: str, value: Any, length: int) -> tuple[int, int]:
    """The least and the most characters of a class."""
    low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (value, length)
    what = f"the number of {name} characters"
    whole(low, what, 0)
    whole(high, what, 0)
    if low > min(high, length):
        raise TargetError(f"{what} is {shown(value)} in {length}; that cannot be met")
    return low, min(high, length)


Group = tuple[list[str], int, int]


def _counted(length: int, groups: list[Group], distinct: bool) -> Tree:
    """The tree of strings by how many of each group are used, capped where more cannot matter.

    The weight of a character is the number of ways to complete the string after it.
    """
    caps = [_cap(group, length, distinct) for group in groups]
    charge(length * math.prod(cap + 1 for cap in caps) * words(length * 7), "this password")
    ways: dict[tuple[int, tuple[int, ...]], int] = {}

    def usable(used: tuple[int, ...], g: int) -> int:
        """How many characters of group `g` may come next."""
        members, _, high = groups[g]
        return 0 if used[g] >= high else len(members) - used[g] * distinct

    def after(used: tuple[int, ...], g: int) -> tuple[int, ...]:
        return (*used[:g], min(used[g] + 1, caps[g]), *used[g + 1 :])

    def count(left: int, used: tuple[int, ...]) -> int:
        if left == 0:
            return int(all(n >= low for n, (_, low, _) in zip(used, groups, strict=True)))
        if (left, used) not in ways:
            ways[left, used] = sum(
                n * count(left - 1, after(used, g))
                for g in range(len(groups))
                if (n := usable(used, g))
            )
        return ways[left, used]

    def step(state: Any) -> Pmf[Choice]:
        left, used, taken = state
        rows: list[tuple[Choice, int]] = []
        for g, (members, _, _) in enumerate(groups):
            then = after(used, g)
            weight = count(left - 1, then) if usable(used, g) else 0
            if left == 1:
                rows += [((c, END), weight) for c in members if c not in taken]
            elif distinct:
                rows += [
                    ((c, (left - 1, then, taken + c)), weight) for c in members if c not in taken
                ]
            else:
                shared = (left - 1, then, "")
                rows += [((c, shared), weight) for c in members]
        return Pmf(rows)

    none = (0,) * len(groups)
    if not count(length, none):
        raise TargetError("no password meets these constraints; loosen them")
    return Tree((length, none, ""), step, alike=lambda state: state[:2])


def _cap(group: Group, length: int, distinct: bool) -> int:
    """The number of characters of a group beyond which one more makes no difference."""
    members, low, high = group
    return high if distinct or high < length else low if members else 0


@family
def uuid4() -> Tree:
    """A random UUID of version 4 (RFC 9562): 122 random bits, in lower case."""

    def step(at: Any) -> Pmf[Choice]:
        lead = {8: "-", 12: "-4", 15: "-", 19: "-"}.get(at, "")
        symbols = "89ab" if at == 15 else ALPHABETS["hex"]
        return Pmf.uniform((lead + c, at + 1 if at < 30 else END) for c in symbols)

    return Tree(0, step)
