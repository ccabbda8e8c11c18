"""Covariates asked of a model: what it says is kept word for word as the source of each value.

A model does not know, it remembers: what it says fills gaps only, unless it is told to replace, and
every value can be told from those of a listing or a person by its source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evenodds.errors import EvenoddsError, RunError
from evenodds.models.base import Decoding, Reply, Streamer, Turn
from evenodds.survey.covariates import covariate_value
from evenodds.survey.model_info import COVARIATES, Covariate, ModelInfo

__all__ = [
    "COVARIATES_SCHEMA",
    "Said",
    "ask_covariates",
    "covariates_prompt",
    "filled",
    "read_answer",
]

_MEANING = {
    "organisation": "who released it, one lower-case word",
    "billions": "its parameters in billions, all of them, also of a mixture of experts",
    "mixture": "true for a mixture of experts, false for a dense model",
    "reasoning": "true if it thinks at length before it answers, unless told not to",
    "roleplay": "true if it was tuned for role-play or storytelling",
    "coding": "true if it was tuned for writing code",
    "open_weights": "true if its weights can be downloaded",
    "released": "the day of its release, YYYY-MM-DD",
}
_TYPES = {str: "string", float: "number", bool: "boolean", date: "string"}
_PROMPT = """\
What do you know of the language model "{id}"?{name}
Reply with one JSON object and nothing else. Its keys are:
{keys}
Each value is an object {{"value": ..., "why": "..."}}: `why` says in at most 15 words how you know.
Where you are not certain, the value is null: a gap does no harm, a guess does."""
_QUOTED = 200


def _field(kind: type) -> dict[str, Any]:
    properties = {"value": {"type": [_TYPES[kind], "null"]}, "why": {"type": "string"}}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


COVARIATES_SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "covariates",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {name: _field(kind) for name, kind in COVARIATES.items()},
            "required": list(COVARIATES),
            "additionalProperties": False,
        },
    },
}
"""The `response_format` of the answers, for servers that take one (`PaidEndpoint(schema=...)`)."""


@dataclass
class Said:
    """What was said of each model, the ids whose answer could not be read, and why it ended."""

    covariates: dict[str, dict[str, Covariate]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    ended: EvenoddsError | None = None


def covariates_prompt(model: ModelInfo) -> str:
    """What is asked about one model."""
    name = f' (It is also called "{model.name}".)' if model.name not in ("", model.id) else ""
    keys = "\n".join(f"{key}: {meaning}" for key, meaning in _MEANING.items())
    return _PROMPT.format(id=model.id, name=name, keys=keys)


def read_answer(text: str, author: str) -> dict[str, Covariate]:
    """The covariates that an answer states, each with the words that state it.

    Unknown ones, and values that are none, are left out. Raises RunError for an answer without a
    JSON object, or whose object names none.

    >>> read_answer('Sure: {"billions": {"value": 7, "why": "its name"}}', "m")["billions"].source
    'asked of m: "billions": {"value": 7, "why": "its name"}'
    """
    found: dict[str, Covariate] = {}
    record = _object(text)
    if not record.keys() & COVARIATES.keys():
        raise RunError(f"This answer names no covariate: {' '.join(text.split())[:80]!r}.")
    for name, told in record.items():
        value = told.get("value") if isinstance(told, Mapping) else told
        if name not in COVARIATES or value is None:
            continue
        quote = f'"{name}": {json.dumps(told, ensure_ascii=False)}'[:_QUOTED]
        try:
            known = covariate_value(name, value, author)
        except RunError:
            continue
        if known is not None:
            found[name] = Covariate(known, f"asked of {author}: {quote}")
    return found


def _object(text: str) -> dict[str, Any]:
    """The first JSON object that stands in a text."""
    decoder, place = json.JSONDecoder(), text.find("{")
    while place >= 0:
        try:
            record, _ = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            place = text.find("{", place + 1)
            continue
        return dict(record)
    raise RunError(f"This answer holds no JSON object: {' '.join(text.split())[:80]!r}.")


def ask_covariates(
    author: Streamer,
    models: Sequence[ModelInfo],
    *,
    seed: int = 0,
    concurrency: int = 8,
    max_tokens: int = 1024,
    told: Callable[[str], None] = lambda model: None,
) -> Said:
    """Ask `author` about each model, once; `told` is called with the id after each answer.

    To pay from a budget ask a `PaidEndpoint`, to ask never twice wrap it in `Kept`. Where the
    author breaks off (no budget is left, no connection) what came is returned, with the reason.
    """
    said = Said()
    decoding = Decoding(temperature=0.0, max_new_tokens=max_tokens)

    def ask(model: ModelInfo) -> None:
        if said.ended is None:
            turns = [Turn("user", covariates_prompt(model))]
            _note(said, author, model.id, lambda: author.replies(turns, [0], decoding, seed))
            told(model.id)

    with ThreadPoolExecutor(concurrency) as pool:
        try:
            for some in (models[:1], models[1:]):  # the first teaches what the endpoint takes
                list(pool.map(ask, some))
        except BaseException:
            said.ended = RunError("interrupted")  # so that those who wait in line do nothing
            raise
    return said


def _note(
    said: Said, author: Streamer, model: str, asked: Callable[[], Iterable[tuple[int, Reply]]]
) -> None:
    """Write down what came of one question."""
    try:
        text = dict(asked())[0].text
    except EvenoddsError as error:
        said.ended = said.ended or error
        return
    try:
        said.covariates[model] = read_answer(text, author.name)
    except RunError:
        said.unread.append(model)


def filled(
    models: Iterable[ModelInfo], said: Mapping[str, Mapping[str, Covariate]], replace: bool = False
) -> tuple[ModelInfo, ...]:
    """The models with what was said of them: gaps only, or everything with `replace`."""
    return tuple(
        model.with_covariates({**said.get(model.id, {}), **({} if replace else model.covariates)})
        for model in models
    )
