"""Expressions: a law written the same way in Python, YAML, JSON and on the command line.

    dice("4d6kh3")    weighted(red=3, blue=1)    sequence(coin(0.5), 10)

The grammar is a whitelist over Python's own: calls of known families, with numbers, fractions
such as 1/3, quoted texts, lists, {outcome: weight} maps and further expressions as arguments.
Nothing is evaluated but those families. Length, nesting, digits and work are bounded.
"""

import ast
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias, Union

from evenodds.distributions.family import FAMILIES, shown
from evenodds.distributions.law import Law
from evenodds.distributions.syntax import read_python
from evenodds.distributions.work import metered
from evenodds.errors import TargetError

LONGEST = 20_000
"""The most characters of an expression."""

MOST_DEPTH = 25
"""The most levels of brackets."""

MOST_DIGITS = 40
"""The most digits of a number."""

Scalar: TypeAlias = int | Decimal | Fraction | str | bool
Value: TypeAlias = Union[Scalar, "Items", "Table", "Expression"]


@dataclass(frozen=True)
class Items:
    """A list of values."""

    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"[{', '.join(map(_write, self.values))}]"


@dataclass(frozen=True)
class Table:
    """A map from keys to values."""

    rows: tuple[tuple[Value, Value], ...]

    def __str__(self) -> str:
        return "{" + ", ".join(f"{_write(key)}: {_write(value)}" for key, value in self.rows) + "}"


@dataclass(frozen=True, eq=False)
class Expression:
    """A call of a family. Two expressions are equal when their canonical texts are.

    >>> e = parse("coin( .5,heads='up' )")
    >>> str(e), e.law.prob("up")
    ('coin(0.5, heads="up")', Fraction(1, 2))
    """

    name: str
    arguments: tuple[Value, ...] = ()
    options: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        named = [f"{name}={_write(value)}" for name, value in self.options]
        return f"{self.name}({', '.join([*map(_write, self.arguments), *named])})"

    def __repr__(self) -> str:
        return f"parse({self._text!r})"

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    @cached_property
    def law(self) -> Law:
        """The law that this expression names, built once.

        Raises `TargetError` for parameters that make no law and `TooLargeError` for too much
        work; the message begins with the expression.
        """
        try:
            with metered():
                return _build(self)
        except TargetError as why:
            raise type(why)(f"{_brief(self._text)}: {why}") from None
        except (TypeError, ValueError, ArithmeticError, RecursionError) as why:
            raise TargetError(
                f"{_brief(self._text)} cannot be computed ({why}); check its arguments"
            ) from why


def parse(text: str) -> Expression:
    """Read an expression; `parse(str(e)) == e` for every expression e.

    Raises `TargetError` for text outside the grammar, an unknown family or arguments it does not
    take, `TooLargeError` for text too long or nested too deep. Nothing is computed before `.law`.
    """
    if not isinstance(text, str):
        raise TargetError(f"an expression is a text such as 'uniform(1, 6)', not {shown(text)}")
    node = read_python(text, longest=LONGEST, depth=MOST_DEPTH, what="the expression")
    return _Reader(text.strip()).call(node)


class _Reader:
    """Turns a syntax tree into values; `source` is named in messages."""

    def __init__(self, source: str):
        self.source = source

    def refuse(self, why: str) -> TargetError:
        return TargetError(f"the expression {_brief(self.source)} {why}")

    def quote(self, node: ast.expr) -> str:
        return _brief(ast.get_source_segment(self.source, node) or type(node).__name__)

    def call(self, node: ast.expr) -> Expression:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            raise self.refuse(
                f"has {self.quote(node)} where a law is needed; "
                'write one like dice("2d6+1"), uniform(1, 6) or fixed("red")'
            )
        name = node.func.id
        if name not in FAMILIES:
            near = get_close_matches(name, FAMILIES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(FAMILIES)}"
            raise self.refuse(f"asks for {shown(name)}, which is no family of laws; {hint}")
        arguments = tuple(self.value(part) for part in node.args)
        options: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in options:
                raise self.refuse("names an argument twice or uses **; name each argument once")
            options[keyword.arg] = self.value(keyword.value)
        signature = inspect.signature(FAMILIES[name])
        try:
            signature.bind(*arguments, **options)
        except TypeError as why:
            raise self.refuse(f"does not fit {name}({_usage(signature)}): {why}") from None
        return Expression(name, arguments, tuple(options.items()))

    def value(self, node: ast.expr) -> Value:
        """The value of an argument; `TargetError` for anything that is not on the whitelist."""
        value: Value | None
        match node:
            case ast.Constant():
                value = self.constant(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant()):
                value = self.signed(node)
            case ast.BinOp(op=ast.Div()):
                value = self.ratio(node)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                value = Items(tuple(self.value(part) for part in parts))
            case ast.Dict(keys=keys, values=values):
                rows = zip(keys, values, strict=True)
                value = Table(tuple((self.key(key), self.value(part)) for key, part in rows))
            case ast.Call():
                value = self.call(node)
            case _:
                value = None
        if value is None:
            raise self.refuse(
                f"has {self.quote(node)} in it; arguments are numbers, fractions like 1/3, quoted "
                "texts, lists, {outcome: weight} and other expressions"
            )
        return value

    def key(self, node: ast.expr | None) -> Value:
        key = self.value(node) if node is not None else None
        if isinstance(key, bool) or not isinstance(key, int | Decimal | str):
            raise self.refuse("has a key that is neither a number nor a quoted text")
        return key

    def constant(self, node: ast.Constant) -> Scalar | None:
        value = node.value
        if isinstance(value, float):
            return self.decimal(node)
        if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            raise self.refuse("has half a surrogate pair in a text; leave it out")
        if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
            raise self.refuse(f"has a number of more than {MOST_DIGITS} digits; use a smaller one")
        return value if isinstance(value, int | str) else None

    def decimal(self, node: ast.expr) -> Decimal:
        """The number exactly as it is written, trailing zeros included."""
        written = (ast.get_source_segment(self.source, node) or "").replace("_", "")
        number = Decimal(written) if 0 < len(written) <= 2 * MOST_DIGITS else None
        if (
            number is None
            or len(number.as_tuple().digits) > MOST_DIGITS
            or (number and abs(number.adjusted()) > MOST_DIGITS)
        ):
            raise self.refuse(f"has a number beyond {MOST_DIGITS} digits; use a shorter one")
        return number

    def signed(self, node: ast.UnaryOp) -> Scalar | None:
        number = self.value(node.operand)
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            return None
        if isinstance(node.op, ast.UAdd) or not number:
            return number
        return number.copy_negate() if isinstance(number, Decimal) else -number

    def ratio(self, node: ast.BinOp) -> Scalar | None:
        sides = [part for part in (node.left, node.right) if not isinstance(part, ast.BinOp)]
        values = [self.value(part) for part in sides]
        numbers = [Fraction(x) for x in values if isinstance(x, int | Decimal)]
        if len(numbers) < 2 or not numbers[1]:
            return None
        ratio = numbers[0] / numbers[1]
        return ratio.numerator if ratio.denominator == 1 else ratio


def _usage(signature: inspect.Signature) -> str:
    """The parameters of a family, for a message: names and defaults without types."""
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return ", ".join(map(str, plain))


def _brief(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def _write(value: Value) -> str:
    """The canonical text of a value."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value)


def _build(value: Expression) -> Law:
    family: Callable[..., Law] = FAMILIES[value.name]
    arguments = [_plain(argument) for argument in value.arguments]
    return family(*arguments, **{name: _plain(option) for name, option in value.options})


def _plain(value: Value) -> object:
    """A value as a family takes it: expressions become laws, lists and maps plain ones."""
    if isinstance(value, Expression):
        return _build(value)
    if isinstance(value, Items):
        return [_plain(part) for part in value.values]
    if isinstance(value, Table):
        if len({key for key, _ in value.rows}) < len(value.rows):
            raise TargetError(f"{_brief(str(value))} has a key twice; give each outcome once")
        return {_plain(key): _plain(part) for key, part in value.rows}
    return value
