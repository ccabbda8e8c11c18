"""Python's own grammar as the grammar of expressions: text in, a syntax tree out, nothing run.

Length and nesting are checked before Python's parser sees the text, so that nobody can exhaust
the parser's stack.
"""

import ast
import re
import warnings

from evenodds.distributions.family import shown
from evenodds.errors import TargetError, TooLargeError

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[(\[{]|[)\]}]|[-+~!]|\bnot\b|\blambda\b'
)


def read_python(text: str, *, longest: int, depth: int, what: str) -> ast.expr:
    """The syntax tree of one Python expression; `what` names the text in messages.

    Raises `TooLargeError` beyond `longest` characters or `depth` levels of brackets, `TargetError`
    for text that is no expression.
    """
    if len(text) > longest:
        raise TooLargeError(
            f"{what} {shown(text)} has {len(text):,} characters; write it in at most {longest:,}"
        )
    if nesting(text) > depth:
        raise TooLargeError(f"{what} {shown(text)} is nested deeper than {depth}; make it flatter")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as why:
        if "integer string conversion" in why.msg:
            raise TooLargeError(
                f"{what} {shown(text)} has a number of thousands of digits; use a smaller one"
            ) from None
        raise TargetError(
            f"{what} {shown(text)} cannot be read: {why.msg}; "
            f'write it like dice("2d6+1") or uniform(1, 6)'
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise TargetError(f"{what} {shown(text)} cannot be read; make it simpler") from None


def nesting(text: str) -> int:
    """How deep brackets and runs of prefix operators go, leaving quoted texts out."""
    deepest = level = run = end = 0
    for token in _TOKEN.finditer(text):
        symbol = token[0]
        run = run + 1 if symbol in _PREFIXES and not text[end : token.start()].strip() else 0
        end = token.end()
        level += (symbol in "([{") - (symbol in ")]}")
        deepest = max(deepest, level + run)
    return deepest


_PREFIXES = frozenset({"-", "+", "~", "!", "not", "lambda"})
