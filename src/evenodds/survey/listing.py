"""A server's `/models` listing, in OpenRouter's shape or in plain OpenAI's, as models.

OpenRouter gives prices as text in dollars a token and a request (-1 where they vary), modalities
under `architecture`, and `supported_parameters`. Plain servers give `id`, `owned_by` and `created`;
vLLM adds `max_model_len`, Groq `context_window`. What is missing is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from evenodds.errors import RunError
from evenodds.survey.model_info import CallPrices, Covariate, ModelInfo

__all__ = ["organisation_of", "read_listing"]

_PRICES = {
    "prompt": "prompt",
    "completion": "completion",
    "internal_reasoning": "reasoning",
    "request": "request",
}
_CONTEXTS = ("context_length", "context_window", "max_model_len", "max_context_length")


def read_listing(record: Any, where: str = "the listing") -> tuple[ModelInfo, ...]:
    """The models of a listing's JSON, sorted by id, each once.

    Raises RunError where it lists nothing, or where an entry has no id.

    >>> read_listing({"data": [{"id": "a/b-7b", "owned_by": "x"}]})[0].organisation
    'a'
    """
    entries = record.get("data", record.get("models")) if isinstance(record, Mapping) else record
    if not isinstance(entries, list) or not entries:
        raise RunError(
            f"{where} lists no models: a listing is a JSON object whose `data` is a list of "
            f"objects with an `id` (this came: {str(record)[:80]!r})."
        )
    tells = any("reasoning" in _texts(_at(entry, "supported_parameters")) for entry in entries)
    models = [_model(entry, where, tells) for entry in entries]
    return tuple({model.id: model for model in sorted(models, key=lambda m: m.id)}.values())


def organisation_of(model: str, owner: str = "") -> str:
    """Who a model is of: what stands before its id's slash, else who the server says owns it.

    A folder ("/models/mine", as some local servers name a model) is of nobody.

    >>> organisation_of("~openai/gpt-4"), organisation_of("gpt-4", "openai"), organisation_of("m")
    ('openai', 'openai', '')
    """
    before, slash, _ = model.partition("/")
    return before.lstrip("~.").lower() if slash else owner.strip().lower()


def _model(entry: Any, where: str, tells: bool) -> ModelInfo:
    name = _at(entry, "id")
    if not isinstance(name, str) or not name.strip():
        raise RunError(f"{where} has an entry without an id ({str(entry)[:80]!r}): give each one.")
    shape = _at(entry, "architecture")
    supported = _texts(_at(entry, "supported_parameters"))
    created = _day(_at(entry, "created"))
    found = _covariates(entry, supported, created, tells)
    organisation = organisation_of(name, str(_at(entry, "owned_by") or ""))
    found |= {"organisation": Covariate(organisation, "listing")} if organisation else {}
    limits = _at(entry, "top_provider")
    return ModelInfo(
        id=name,
        organisation=organisation,
        name=str(_at(entry, "name") or ""),
        prices=_prices(_at(entry, "pricing")),
        context=next((n for key in _CONTEXTS if (n := _whole(_at(entry, key)))), None),
        max_completion=_whole(_at(limits, "max_completion_tokens"))
        or _whole(_at(entry, "max_completion_tokens")),
        inputs=_texts(_at(shape, "input_modalities")) or _side(shape, 0),
        outputs=_texts(_at(shape, "output_modalities")) or _side(shape, -1),
        supported=supported,
        created=created,
        covariates=found,
    )


def _covariates(
    entry: Any, supported: frozenset[str], created: date | None, tells: bool
) -> dict[str, Covariate]:
    """What a listing in OpenRouter's shape says; a plain server's `created` is often today.

    That a model's parameters lack `reasoning` means something where the listing `tells` it at all.
    """
    found: dict[str, Covariate] = {}
    if _at(entry, "hugging_face_id"):
        found["open_weights"] = Covariate(True, "listing: hugging_face_id")
    if supported and tells:
        thinks = "reasoning" in supported
        found["reasoning"] = Covariate(thinks, "listing: supported_parameters")
    if created is not None and _at(entry, "pricing") is not None:
        found["released"] = Covariate(created.isoformat(), "listing: created")
    return found


def _prices(pricing: Any) -> CallPrices:
    """The prices that are stated; -1 stands for "it depends", which is unknown."""
    stated = {ours: _price(_at(pricing, theirs)) for theirs, ours in _PRICES.items()}
    if not stated["reasoning"]:  # "0" there means "as completion", for no thought is free
        stated["reasoning"] = None
    return CallPrices(**stated)


def _price(value: Any) -> float | None:
    try:
        price = float(value)
    except (TypeError, ValueError):
        return None
    return price if isfinite(price) and price >= 0 else None


def _at(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else None


def _texts(value: Any) -> frozenset[str]:
    several = isinstance(value, Sequence) and not isinstance(value, str)
    return frozenset(each for each in value if isinstance(each, str)) if several else frozenset()


def _side(shape: Any, side: int) -> frozenset[str]:
    """One side of an older listing's `modality`, such as "text+image->text"."""
    told = _at(shape, "modality")
    return frozenset(told.split("->")[side].split("+")) if isinstance(told, str) else frozenset()


def _whole(value: Any) -> int | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12
    return int(value) if fine else None


def _day(value: Any) -> date | None:
    seconds = _whole(value)
    return None if seconds is None else datetime.fromtimestamp(min(seconds, 2**32), UTC).date()
