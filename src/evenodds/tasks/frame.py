"""Frames around an answer: written (`framed`), and found again in a reply (`contents_of`)."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Literal

__all__ = ["Kind", "contents_of", "framed"]

Kind = Literal["bare", "tag", "prefix", "json"]

_MOST_OBJECTS = 100  # opening braces at which a reply is tried as JSON
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


def framed(kind: Kind, label: str, text: str) -> tuple[str, ...]:
    """The ways to write `text` in its frame, canonical first; only JSON has two, for a number.

    >>> framed("tag", "answer", "4"), framed("json", "roll", "4")
    (('<answer>4</answer>',), ('{"roll": 4}', '{"roll": "4"}'))
    """
    match kind:
        case "bare":
            return (text,)
        case "tag":
            return (f"<{label}>{text}</{label}>",)
        case "prefix":
            return (f"{label}{text}",)
        case "json":
            quoted = json.dumps(text, ensure_ascii=False)
            values = (text, quoted) if _JSON_NUMBER.fullmatch(text) else (quoted,)
            key = json.dumps(label, ensure_ascii=False)
            return tuple(f"{{{key}: {value}}}" for value in values)


def contents_of(kind: Kind, label: str, reply: str) -> list[str]:
    """What stands in each frame of a reply; empty frames do not count.

    >>> contents_of("prefix", "Output: ", "Explanations: none.\\n**Output:** 4")
    ['4']
    """
    name = re.escape(label.strip())
    match kind:
        case "bare":
            found = [reply]
        case "tag":
            found = re.findall(rf"(?is)<{name}\s*>(.*?)</{name}\s*>", reply)
        case "prefix":
            found = re.findall(rf"(?im)^[ \t>#*_`-]*{name}[ \t*_`]*(.*)$", reply)
        case "json":
            found = list(_json_values(reply, label))
    return [content.strip() for content in found if content.strip()]


def _json_values(reply: str, key: str) -> Iterator[str]:
    decoder = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
    for match in islice(re.finditer(r"\{", reply), _MOST_OBJECTS):
        try:
            value, _ = decoder.raw_decode(reply, match.start())
        except (ValueError, RecursionError):
            continue
        inner = value.get(key) if isinstance(value, dict) else None
        if isinstance(inner, list):
            yield ", ".join(map(str, inner))
        elif inner is not None and not isinstance(inner, dict | bool):
            yield str(inner)
