"""The reply of a simulated model to a request: a text in the form asked for, and its tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from evenodds.survey.market.chance import chances
from evenodds.survey.market.faults import REPLIES
from evenodds.survey.market.law import chosen
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.prompt import Asked, read_prompt

__all__ = ["Drawn", "drawn_reply", "prompt_of", "written"]

_SAID = {
    "malformed": "Well, it is in the air... and I lost sight of it.",
    "refusal": "I'm sorry, but I can't help with random choices.",
    "small talk": "Hello! How can I help you today?",
}
_OFF_SUPPORT = "edge"
_EXPLANATION = "Explanations: I imagine the draw and note what comes up.\n"
_SMALLEST = 1e-9


@dataclass(frozen=True)
class Drawn:
    """A reply: what is said, why it ended, in how many tokens; `kind` "outcome" or a fault's."""

    kind: str
    text: str
    finish: str
    tokens: int
    thoughts: int
    refusal: str | None = None
    logprobs: Sequence[Mapping[str, Any]] | None = None

    def choice(self) -> dict[str, Any]:
        """The reply as a choice of a chat completion."""
        message = {"role": "assistant", "content": self.text, "refusal": self.refusal}
        if self.thoughts:
            message["reasoning"] = "Hmm. " * min(8, self.thoughts)
        logprobs = None if self.logprobs is None else {"content": list(self.logprobs)}
        return {
            "index": 0,
            "message": message,
            "finish_reason": self.finish,
            "logprobs": logprobs,
        }


def prompt_of(request: Mapping[str, Any]) -> str:
    """The text of the last message of the user. Raises ValueError where there is none."""
    for message in reversed(request["messages"]):
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                return content
            return "".join(part.get("text", "") for part in content)
    raise ValueError("no message of the user")


def drawn_reply(
    model: MarketModel, request: Mapping[str, Any], prompt: str, seed: int, draw: object
) -> Drawn:
    """The reply of a model: a function of market seed, model, prompt and draw alone."""
    asked = read_prompt(prompt)
    u = chances(seed, model.id, prompt, draw)
    most = _limit(request)
    thoughts = int(model.thoughts * (0.5 + u[1])) if model.thoughts else 0
    kind = _kind(model, u[0])
    if kind == "endless" or thoughts >= most:
        return Drawn("endless", "", "length", most, most)
    if kind != "outcome":
        return _failed(kind, asked, thoughts)
    shape = _schema(model, request)
    laws = chosen(model, asked, structured=shape is not None, temperature=_heat(request))
    if not laws:
        return _counted("outcome", _filled(shape) if shape else _SAID["small talk"], thoughts, most)
    picks = [_picked(laws, number) for number in _numbers(u[2], asked.draws, seed, model, draw)]
    said = [asked.options[pick] for pick in picks]
    text = _written(asked, said) if shape is None else _shaped(shape, said)
    shown = None
    if _wants_odds(model, request) and len(said) == 1:
        valid = 1 - sum(model.rates.get(name, 0.0) for name in REPLIES)
        odds = {each: valid * p for each, p in zip(asked.options, laws, strict=True)}
        shown = _shown(odds, said[0], text, int(request.get("top_logprobs") or 0))
    return _counted("outcome", text, thoughts, most, shown)


def written(text: str, thoughts: int, request: Mapping[str, Any]) -> Drawn:
    """A reply of a text, cut where it is longer than the request allows."""
    return _counted("outcome", text, thoughts, _limit(request))


def _kind(model: MarketModel, u: float) -> str:
    for name in REPLIES:
        u -= model.rates.get(name, 0.0)
        if u < 0:
            return name
    return "outcome"


def _numbers(first: float, draws: int, seed: int, model: MarketModel, draw: object) -> list[float]:
    found = [first]
    while len(found) < draws:
        found += chances(seed, model.id, draw, len(found), "list")
    return found[:draws]


def _picked(laws: Sequence[float], u: float) -> int:
    """The option that a uniform number falls into."""
    for place, prob in enumerate(laws):
        u -= prob
        if u < 0:
            return place
    return max(range(len(laws)), key=laws.__getitem__)


def _failed(kind: str, asked: Asked, thoughts: int) -> Drawn:
    """A reply that is no outcome."""
    if kind == "empty":
        return Drawn(kind, "", "stop", thoughts + 1, thoughts)
    if kind == "filtered":
        return Drawn(kind, "", "content_filter", thoughts + 1, thoughts)
    if kind == "refusal":
        return Drawn(kind, "", "stop", thoughts + 12, thoughts, refusal=_SAID[kind])
    text = _written(asked, [_OFF_SUPPORT]) if kind == "off_support" else _SAID[kind]
    return Drawn(kind, text, "stop", thoughts + _tokens(text), thoughts)


def _counted(
    kind: str,
    text: str,
    thoughts: int,
    most: int,
    shown: Sequence[Mapping[str, Any]] | None = None,
) -> Drawn:
    tokens = thoughts + _tokens(text)
    if tokens > most:
        room = 4 * max(0, most - thoughts)
        return Drawn("cut", text[:room], "length", most, thoughts)
    return Drawn(kind, text, "stop", tokens, thoughts, logprobs=shown)


def _tokens(text: str) -> int:
    return 1 + len(text) // 4


def _limit(request: Mapping[str, Any]) -> int:
    told = request.get("max_completion_tokens") or request.get("max_tokens") or 4096
    return max(1, int(told))


def _heat(request: Mapping[str, Any]) -> float:
    told = request.get("temperature")
    return 1.0 if told is None else max(0.0, float(told))


def _written(asked: Asked, said: Sequence[str]) -> str:
    """The answer in the form that the prompt asks for."""
    kind, _, label = asked.form.partition(":")
    text = ", ".join(said)
    if kind == "tag":
        return f"<{label}>{text}</{label}>"
    if kind == "prefix":
        return (_EXPLANATION if asked.explained else "") + label + text
    if kind == "json":
        return json.dumps({label: text if len(said) == 1 else list(said)})
    return text


def _schema(model: MarketModel, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema that the answer is forced into, None where it is free."""
    told = request.get("response_format")
    if not isinstance(told, Mapping) or "response_format" not in model.supported:
        return None
    found = told.get("json_schema", {}).get("schema")
    return found if isinstance(found, Mapping) else None


def _shaped(schema: Mapping[str, Any], said: Sequence[str]) -> str:
    """The answer as a JSON object: in the first property, the others as empty as they may be."""
    properties = schema.get("properties", {})
    name = next(iter(properties), "answer")
    rest = {each: _empty(properties[each]) for each in properties if each != name}
    return json.dumps({name: _valued(properties.get(name, {}), said), **rest})


def _valued(shape: Mapping[str, Any], said: Sequence[str]) -> Any:
    if shape.get("type") == "array":
        return [_valued(shape.get("items", {}), [each]) for each in said]
    text = ", ".join(said)
    if shape.get("type") in ("integer", "number"):
        return int(text) if text.removeprefix("-").isdecimal() else 0
    return text


def _filled(schema: Mapping[str, Any]) -> str:
    return json.dumps({name: _empty(shape) for name, shape in schema["properties"].items()})


def _empty(shape: Mapping[str, Any]) -> Any:
    kind = shape.get("type")
    if shape.get("enum"):
        return shape["enum"][0]
    if isinstance(kind, list):
        return None if "null" in kind else _empty({**shape, "type": kind[0]})
    if kind == "object":
        return {name: _empty(each) for name, each in shape.get("properties", {}).items()}
    return {"array": [], "integer": 0, "number": 0, "boolean": False, "string": ""}.get(str(kind))


def _wants_odds(model: MarketModel, request: Mapping[str, Any]) -> bool:
    return bool(request.get("logprobs")) and "logprobs" in model.supported


def _shown(odds: Mapping[str, float], option: str, text: str, most: int) -> list[dict[str, Any]]:
    """Log-probabilities: the option is one token, all that stands around it is certain."""
    before, _, after = text.rpartition(option)
    best = sorted(odds, key=lambda each: -odds[each])[:most]
    tokens = [(before, {before: 1.0}), (option, {each: odds[each] for each in best})]
    tokens += [(after, {after: 1.0})]
    return [
        {
            **_token(said, odds[said] if place == 1 else 1.0),
            "top_logprobs": [_token(each, prob) for each, prob in top.items()][:most],
        }
        for place, (said, top) in enumerate(tokens)
        if said
    ]


def _token(text: str, prob: float) -> dict[str, Any]:
    return {"token": text, "logprob": log(max(prob, _SMALLEST)), "bytes": list(text.encode())}
