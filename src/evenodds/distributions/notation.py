"""Dice notation, read into terms: "4d6kh3", "2d6+1d4-1", "3d6!", "d20r1", "4dF", "d%".

    notation = [sign] term (sign term)*          sign = "+" | "-"
    term     = integer | [count] "d" sides modifier*
    sides    = integer | "%" (100) | "F" (-1, 0, 1)
    modifier = "!"                               roll again and add on the highest face
             | ("r" | "ro") [compare] integer    roll again, for ever or once
             | ("k" | "kh" | "kl" | "dh" | "dl") [integer]
    compare  = "=" | "<" | "<=" | ">" | ">="     strict where it says so; no sign means "="

Spaces and case do not matter.
"""

import re
from dataclasses import dataclass

from evenodds.distributions.family import shown
from evenodds.errors import TargetError, TooLargeError

MOST_DICE = 2_000
MOST_SIDES = 20_000
MOST_CONSTANT = 10**9

_SPLIT_NUMBER = re.compile(r"\d\s+\d")
_TERM = re.compile(
    r"(?P<sign>[+-]?)"
    r"(?:(?P<count>\d*)d(?P<sides>\d+|%|f)(?P<modifiers>[^+-]*)|(?P<constant>\d+))",
    re.ASCII,
)
_MODIFIER = re.compile(
    r"(?P<explode>!)"
    r"|(?P<reroll>ro?)(?P<compare><=|>=|<|>|=)?(?P<against>\d+)"
    r"|(?P<keep>kh|kl|k|dh|dl)(?P<number>\d*)",
    re.ASCII,
)


@dataclass(frozen=True)
class Reroll:
    """Roll again when a die compares so with `against`: once, or until it no longer does."""

    compare: str
    against: int
    once: bool

    def applies(self, face: int) -> bool:
        """Whether this face is rolled again."""
        return {
            "=": face == self.against,
            "<": face < self.against,
            "<=": face <= self.against,
            ">": face > self.against,
            ">=": face >= self.against,
        }[self.compare]


@dataclass(frozen=True)
class Pool:
    """Some equal dice, of which the `keep` = (lowest, highest) slice in sorted order is summed."""

    sign: int
    count: int
    faces: tuple[int, int]
    keep: tuple[int, int]
    explode: bool = False
    rerolls: tuple[Reroll, ...] = ()


def read_notation(text: str) -> tuple[list[Pool], int]:
    """The pools of dice in `text`, and the sum of its constants.

    Raises `TargetError` for what is no dice notation, `TooLargeError` beyond 2,000 dice in all or
    20,000 sides.
    """
    if not isinstance(text, str):
        raise TargetError(f'dice takes a notation in quotes, such as "2d6+1", not {shown(text)}')
    compact = "" if _SPLIT_NUMBER.search(text) else "".join(text.lower().split())
    pools, constant, at = list[Pool](), 0, 0
    while at < len(compact) <= 200:
        match = _TERM.match(compact, at)
        if match is None or (at > 0 and not match["sign"]):
            break
        sign = -1 if match["sign"] == "-" else 1
        if match["constant"]:
            constant += sign * _integer(match["constant"], MOST_CONSTANT, "as a constant")
        else:
            pools.append(_pool(match, sign, text))
        at = match.end()
    if not compact or at < len(compact):
        raise TargetError(
            f"{shown(text)} is no dice notation; write it like 2d6+1, 4d6kh3, 3d6!, d20r1 or 4dF"
        )
    if sum(pool.count for pool in pools) > MOST_DICE:
        raise TooLargeError(f"{shown(text)} rolls too many dice; at most {MOST_DICE:,} are summed")
    return pools, constant


def _pool(match: re.Match[str], sign: int, text: str) -> Pool:
    count = _integer(match["count"] or "1", MOST_DICE, "dice")
    sides = match["sides"]
    named = {"f": (-1, 1), "%": (1, 100)}
    faces = named[sides] if sides in named else (1, _integer(sides, MOST_SIDES, "sides"))
    if count < 1 or faces[1] < 1:
        raise TargetError(f"{shown(text)} rolls no die; give at least one die of at least one side")
    return _modified(Pool(sign, count, faces, (0, count)), match["modifiers"], text)


def _modified(pool: Pool, modifiers: str, text: str) -> Pool:
    keep, explode, rerolls, at = pool.keep, False, list[Reroll](), 0
    while match := _MODIFIER.match(modifiers, at):
        at = match.end()
        if match["explode"]:
            explode = True
        elif match["reroll"]:
            against = _integer(match["against"], MOST_SIDES, "sides")
            rerolls.append(Reroll(match["compare"] or "=", against, match["reroll"] == "ro"))
        else:
            keep = _kept(
                match["keep"], _integer(match["number"] or "1", MOST_DICE, "dice"), keep, text
            )
    if at < len(modifiers):
        raise TargetError(f"{shown(text)}: {modifiers[at:]!r} is no modifier of dice")
    return Pool(pool.sign, pool.count, pool.faces, keep, explode, tuple(rerolls))


def _kept(which: str, number: int, keep: tuple[int, int], text: str) -> tuple[int, int]:
    """The slice of the sorted dice that is left after keeping or dropping `number` of them."""
    low, high = keep
    if number > high - low or (number == high - low and which in ("dh", "dl")):
        raise TargetError(f"{shown(text)} has {high - low} dice left there; keep or drop fewer")
    if which in ("k", "kh"):
        return high - number, high
    if which == "kl":
        return low, low + number
    return (low, high - number) if which == "dh" else (low + number, high)


def _integer(digits: str, most: int, what: str) -> int:
    if len(digits) > 12 or int(digits) > most:
        given = digits if len(digits) <= 12 else f"{digits[:9]}..."
        raise TooLargeError(f"{given} {what} are too many; give at most {most:,}")
    return int(digits)
