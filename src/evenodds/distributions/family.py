"""The register of families, and how their arguments are read.

Every family is one Python function that returns a law; an expression calls it by the same name.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from evenodds.distributions.law import LISTABLE, Law, Outcome
from evenodds.distributions.pmf import Pmf
from evenodds.distributions.tree import Tree
from evenodds.errors import TargetError, TooLargeError

Number = int | float | Decimal | Fraction
F = TypeVar("F", bound=Callable[..., Law])

FAMILIES: dict[str, Callable[..., Law]] = {}
"""Every family by its name, in order of definition."""


def family(function: F) -> F:
    """Register a function under its own name, so that expressions can call it."""
    FAMILIES[function.__name__] = function
    return function


def shown(value: object) -> str:
    """A value as a message shows it: as an expression would write it, cut to 60 characters."""
    try:
        text = _written(value)
    except ValueError:  # an integer too long for Python to print
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def _written(value: object) -> str:
    match value:
        case Decimal() | Fraction():
            return str(value)
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            rows = (f"{_written(key)}: {_written(each)}" for key, each in value.items())
            return "{" + ", ".join(rows) + "}"
        case Pmf() | Tree():
            return "a law"
    return repr(value)


def whole(value: Any, what: str, low: int, high: int | None = None) -> int:
    """`value` as an integer from `low` to `high` inclusive; `TargetError` names `what` it is."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TargetError(f"{what} is {shown(value)}; give a whole number")
    if value < low:
        raise TargetError(f"{what} is {shown(value)}; give {low} or more")
    if high is not None and value > high:
        raise TooLargeError(f"{what} is {shown(value)}; give at most {high:,}")
    return value


def exact(value: Any, what: str) -> Fraction:
    """A finite number exactly as it is written: 0.3 is 3/10.

    Raises `TargetError` for what is no finite number, and beyond 10^±60 or 60 digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise TargetError(f"{what} is {shown(value)}; give a number")
    if not math.isfinite(value if not isinstance(value, int) else 0):
        raise TargetError(f"{what} is {value}; give a finite number")
    if isinstance(value, Decimal) and value and abs(value.adjusted()) > 60:
        raise TargetError(f"{what} is {shown(value)}; give a number of ordinary size")
    number = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    if max(abs(number.numerator), number.denominator) > 10**120:
        raise TargetError(f"{what} is {shown(value)}; give a number of ordinary size")
    return number


def chance(value: Any, what: str = "the probability") -> Fraction:
    """A probability, 0 <= p <= 1, exactly as it is written."""
    p = exact(value, what)
    if not 0 <= p <= 1:
        raise TargetError(f"{what} is {shown(value)}; give a number from 0 to 1")
    return p


def outcome(value: Any) -> Outcome:
    """A value as an outcome: an integer, a decimal or a text; `TargetError` for anything else."""
    if isinstance(value, float):
        exact(value, "an outcome")
        return Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TargetError(f"{shown(value)} cannot be an outcome; give a number or a quoted text")
    if not isinstance(value, str):
        exact(value, "an outcome")
    return value


def outcomes(values: Sequence[Any], what: str) -> list[Outcome]:
    """The outcomes that a family was given, one by one or as a single list; at least one."""
    listed = values[0] if len(values) == 1 and isinstance(values[0], list | tuple) else values
    if not listed:
        raise TargetError(f"{what} has nothing to choose from; give at least one outcome")
    if len(listed) > LISTABLE:
        raise TooLargeError(f"{what} has {len(listed):,} outcomes; give at most {LISTABLE:,}")
    return [outcome(value) for value in listed]


def listable(size: int, what: str) -> int:
    """`size` itself; `TooLargeError` when so many outcomes are too many to list."""
    if size > LISTABLE:
        count = f"{size:,}" if size < 10**15 else "astronomically many"
        raise TooLargeError(
            f"{what} has {count} outcomes; give it parameters that leave at most {LISTABLE:,}"
        )
    return size


def as_law(value: Any, what: str) -> Law:
    """A law given as an argument; `TargetError` for anything else."""
    if not isinstance(value, Pmf | Tree):
        raise TargetError(f"{what} is {shown(value)}; give a law such as coin() or uniform(1, 6)")
    return value


def with_distinct_texts(pmf: Pmf[Any]) -> Pmf[Any]:
    """The pmf itself; `TargetError` when two outcomes, such as 1 and "1", have one text."""
    if any(not isinstance(x, int) for x in pmf):
        counts = Counter(map(str, pmf))
        text, times = counts.most_common(1)[0]
        if times > 1:
            raise TargetError(f"two outcomes are both written {text!r}; give each its own text")
    return pmf


def numbers_of(law: Law, what: str) -> Pmf[Any]:
    """The law listed, its outcomes all numbers; `TargetError` when they are labels."""
    listed = law.pmf()
    if listed.mean() is None:
        raise TargetError(f"{what} needs a law of numbers, and {shown(listed)} is one of labels")
    return listed


def separator(value: Any) -> str:
    """The text between parts; `TargetError` when it is none, or longer than 100 characters."""
    if not isinstance(value, str) or len(value) > 100:
        raise TargetError(f"sep is {shown(value)}; give a short text such as ', '")
    return value


def texts(values: Iterable[Outcome]) -> list[str]:
    """The texts of outcomes."""
    return [str(value) for value in values]
