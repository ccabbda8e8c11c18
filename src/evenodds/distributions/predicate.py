"""Conditions on outcomes, in a language that can only compare: `where(dice("2d6"), "even")`.

words       even, odd, prime, positive, negative
values      x (the outcome), text (how it is written), length (of its text), numbers, "texts"
operations  + - * // %   == != < <= > >=   in, not in (a list or a text)   and, or, not, ( )
"""

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from evenodds.distributions.family import as_law, exact, family, shown
from evenodds.distributions.law import Law
from evenodds.distributions.pmf import Pmf
from evenodds.distributions.syntax import read_python
from evenodds.distributions.work import charge
from evenodds.errors import TargetError

LONGEST = 300
"""The most characters of a condition."""

MOST_DEPTH = 20

Values = Mapping[str, Any]
Test = Callable[[Values], Any]

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda x, xs: x in xs,
    ast.NotIn: lambda x, xs: x not in xs,
}


@family
def where(law: Law, condition: str) -> Pmf[Any]:
    """The law given that `condition` holds: `where(dice("2d6"), "even and x > 4")`.

    The law must be small enough to list. Raises `TargetError` when the condition holds for no
    outcome, and when it asks of an outcome what its kind cannot answer.
    """
    test = read_condition(condition)
    listed = as_law(law, "the law").pmf()
    charge(len(listed) * (1 + len(condition) // 10), "this condition")
    return listed.where(lambda x: holds(test, x, condition))


def holds(test: Test, outcome: Any, condition: str) -> bool:
    """Whether the condition holds for an outcome; `TargetError` when it cannot be asked of it."""
    text = str(outcome)
    number = Fraction(outcome) if isinstance(outcome, Decimal) else outcome
    try:
        return bool(test({"x": number, "text": text, "length": len(text)}))
    except (TypeError, ZeroDivisionError, AttributeError) as why:
        raise TargetError(
            f"the condition {shown(condition)} cannot be asked of {shown(outcome)}: {why}"
        ) from None


def read_condition(condition: str) -> Test:
    """A condition as a function of the values x, text and length.

    Raises `TargetError` for anything outside the language, without running any of it.
    """
    if not isinstance(condition, str):
        raise TargetError(f'a condition is a text such as "even", not {shown(condition)}')
    tree = read_python(condition, longest=LONGEST, depth=MOST_DEPTH, what="the condition")
    return _compile(tree, condition, MOST_DEPTH)


def _compile(node: ast.expr, source: str, depth: int) -> Test:
    """The test that a node stands for; `depth` more levels are allowed below it."""
    if depth < 0:
        raise TargetError(f"the condition {shown(source)} is nested too deep; make it simpler")
    read = _READERS.get(type(node))
    test = read(node, lambda part: _compile(part, source, depth - 1)) if read else None
    if test is None:
        raise TargetError(
            f"the condition {shown(source)} uses {shown(ast.unparse(node))}, which conditions do "
            "not know; they know x, text, length, even, odd, prime, positive, negative, numbers, "
            "quoted texts, comparisons, in, + - * // %, and, or, not"
        )
    return test


Inner = Callable[[ast.expr], Test]


def _read_constant(node: Any, _: Inner) -> Test | None:
    value = node.value
    if not isinstance(value, int | float | str):
        return None
    number: Any = exact(value, "a number") if isinstance(value, float) else value
    if not isinstance(number, str) and abs(number) > 10**30:
        return None
    return lambda _: number


def _read_name(node: Any, _: Inner) -> Test | None:
    name = node.id
    if name in _WORDS:
        word = _WORDS[name]
        return lambda values: word(_numeric(values["x"]))
    return (lambda values: values[name]) if name in ("x", "text", "length") else None


def _read_list(node: Any, inner: Inner) -> Test:
    members = [inner(part) for part in node.elts]
    return lambda values: [member(values) for member in members]


def _read_unary(node: Any, inner: Inner) -> Test | None:
    operand = inner(node.operand)
    if isinstance(node.op, ast.Not):
        return lambda values: not operand(values)
    return (lambda values: -_numeric(operand(values))) if isinstance(node.op, ast.USub) else None


def _read_joint(node: Any, inner: Inner) -> Test:
    every = all if isinstance(node.op, ast.And) else any
    tests = [inner(part) for part in node.values]
    return lambda values: every(test(values) for test in tests)


def _read_arithmetic(node: Any, inner: Inner) -> Test | None:
    apply = _OPERATORS.get(type(node.op))
    if apply is None:
        return None
    left, right = inner(node.left), inner(node.right)
    return lambda values: apply(_numeric(left(values)), _numeric(right(values)))


def _read_comparison(node: Any, inner: Inner) -> Test | None:
    """A chain such as 2 < x <= 5."""
    compare = [_COMPARISONS.get(type(operation)) for operation in node.ops]
    tests = [inner(part) for part in (node.left, *node.comparators)]
    if None in compare:
        return None

    def run(values: Values) -> bool:
        sides = [test(values) for test in tests]
        return all(op(a, b) for op, (a, b) in zip(compare, pairwise(sides), strict=True) if op)

    return run


_READERS: dict[type[ast.expr], Callable[[Any, Inner], Test | None]] = {
    ast.Constant: _read_constant,
    ast.Name: _read_name,
    ast.List: _read_list,
    ast.Tuple: _read_list,
    ast.UnaryOp: _read_unary,
    ast.BoolOp: _read_joint,
    ast.BinOp: _read_arithmetic,
    ast.Compare: _read_comparison,
}


def _numeric(value: Any) -> Any:
    """A number; texts do not take part in arithmetic."""
    if isinstance(value, str | list):
        raise TypeError("arithmetic needs numbers")
    return value


def _is_prime(n: Any) -> bool:
    """Whether n is prime: Miller-Rabin, exact below 3.3 * 10^24 (Sorenson and Webster, 2015)."""
    if n != int(n) or n < 2:
        return False
    n = int(n)
    if n >= 3_317_044_064_679_887_385_961_981:
        raise TypeError("prime is known below 3.3 * 10^24")
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if any(n % base == 0 for base in bases):
        return n in bases
    twos = (n - 1 & 1 - n).bit_length() - 1
    return all(_passes(n, base, twos) for base in bases)


def _passes(n: int, base: int, twos: int) -> bool:
    """Whether n, with n - 1 = odd * 2^twos, passes one Miller-Rabin round."""
    power = pow(base, n - 1 >> twos, n)
    return power == 1 or any(pow(power, 2**i, n) == n - 1 for i in range(twos))


_WORDS: dict[str, Callable[[Any], bool]] = {
    "even": lambda x: x % 2 == 0,
    "odd": lambda x: x % 2 == 1,
    "prime": _is_prime,
    "positive": lambda x: x > 0,
    "negative": lambda x: x < 0,
}
