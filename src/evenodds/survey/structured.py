"""Answers that the server is asked to force into their shape: a factor, measured as one.

A structured cell asks in the words of a free one, and sends a JSON schema with them. Structured
cells make up questions of their own (`coin_structured`), so that no verdict mixes the two, and
their draws are compared with the free ones' model by model.
"""

from collections.abc import Sequence
from typing import Any

from evenodds.distributions import Expression

__all__ = ["ANSWER", "SUPPORT", "response_format", "supports"]

ANSWER = "answer"
"""The key of the answer in the JSON object."""

SUPPORT = frozenset({"structured_outputs", "response_format"})
"""Parameters of a listing, either of which says that a server takes a schema (OpenRouter's words).

`response_format` alone may mean any JSON; a server that ignores the schema shows in the share of
malformed answers."""

_MOST_LISTED = 32


def supports(supported: frozenset[str]) -> bool:
    """Whether a model with these supported parameters can be asked for a structured answer."""
    return bool(SUPPORT & supported)


def response_format(shown: Sequence[str], target: Expression, draws: int = 1) -> dict[str, Any]:
    """The `response_format` of a request: an object whose `answer` is one of the labels as shown.

    Numbers of a long range are bounded instead of listed; `draws` above 1 make a list of so many.

    >>> from evenodds.distributions import parse
    >>> response_format(["b", "a"], parse("coin(0.5)"))["json_schema"]["schema"]["properties"]
    {'answer': {'type': 'string', 'enum': ['b', 'a']}}
    """
    answer = _one(shown, target)
    if draws > 1:
        answer = {"type": "array", "items": answer, "minItems": draws, "maxItems": draws}
    schema = {
        "type": "object",
        "properties": {ANSWER: answer},
        "required": [ANSWER],
        "additionalProperties": False,
    }
    return {
        "type": "json_schema",
        "json_schema": {"name": ANSWER, "strict": True, "schema": schema},
    }


def _one(shown: Sequence[str], target: Expression) -> dict[str, Any]:
    if target.name == "uniform" and len(shown) > _MOST_LISTED:
        return {"type": "integer", "minimum": int(shown[0]), "maximum": int(shown[-1])}
    return {"type": "string", "enum": list(shown)}
