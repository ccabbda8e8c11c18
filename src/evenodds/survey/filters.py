"""Which models of a catalogue are surveyed; each that is not keeps the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evenodds.errors import RunError
from evenodds.survey.model_info import ModelInfo, Skip
from evenodds.survey.skip import skip_reason

if TYPE_CHECKING:
    from evenodds.survey.catalogue import Catalogue

__all__ = ["Filter", "filtered"]

_ALWAYS = frozenset({"text"})


@dataclass(frozen=True)
class Filter:
    """What a model must be, to be surveyed.

    `organisations`: one of these (empty: any); `not_organisations`: none of these. `input_price`
    and `output_price`: at most so many dollars a million tokens, `request_price` dollars a request
    (an unstated one is 0); a model whose price is unknown fails. `inputs` and `outputs`: modalities
    that it must have (unknown ones are taken for text). `supports`: request parameters that the
    listing must name. `context`: at least so many tokens. `match` and `without`: regular
    expressions that its id must and must not contain, in any case. Raises RunError for an
    expression that is none.
    """

    organisations: frozenset[str] = frozenset()
    not_organisations: frozenset[str] = frozenset()
    input_price: float | None = None
    output_price: float | None = None
    request_price: float | None = None
    inputs: frozenset[str] = _ALWAYS
    outputs: frozenset[str] = _ALWAYS
    supports: frozenset[str] = frozenset()
    context: int | None = None
    match: str | None = None
    without: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no regular expression."""
        for pattern in (self.match, self.without):
            try:
                re.compile(pattern or "")
            except re.error as error:
                raise RunError(
                    f"{pattern!r} is no regular expression ({error}): correct it."
                ) from None

    def reason(self, model: ModelInfo) -> str | None:
        """Why a model is dropped, in a few words; None where it is not."""
        return next(self._reasons(model), None)

    def _reasons(self, model: ModelInfo) -> Iterator[str]:
        for check in _CHECKS:
            if said := check(self, model):
                yield said


def filtered(catalogue: Catalogue, wanted: Filter, skips: Iterable[Skip] = ()) -> Catalogue:
    """The catalogue without the models that are on a list or fail the filter, each with its reason.

    What was skipped before stays listed.
    """
    listed = tuple(skips)
    why = {m.id: _why(m, wanted, listed) for m in catalogue.models}
    kept = tuple(model for model in catalogue.models if why[model.id] is None)
    dropped = tuple(Skip(model, reason) for model, reason in why.items() if reason is not None)
    return replace(catalogue, models=kept, skipped=(*catalogue.skipped, *dropped))


def _why(model: ModelInfo, wanted: Filter, listed: tuple[Skip, ...]) -> str | None:
    reason = skip_reason(model.id, listed)
    return wanted.reason(model) if reason is None else f"on the list: {reason}"


def _organisation(wanted: Filter, model: ModelInfo) -> str | None:
    organisation = model.organisation
    refused = organisation in {each.lower() for each in wanted.not_organisations}
    named = {each.lower() for each in wanted.organisations}
    if refused or (named and organisation not in named):
        return f"organisation {organisation or 'unknown'}"
    return None


def _price(wanted: Filter, model: ModelInfo) -> str | None:
    prices = model.prices
    unstated = 0.0 if prices.known else None
    request = unstated if prices.request is None else prices.request
    for name, most, price, unit in (
        ("input", wanted.input_price, prices.prompt, 1e6),
        ("output", wanted.output_price, prices.completion, 1e6),
        ("request", wanted.request_price, request, 1.0),
    ):
        if most is not None and price is None:
            return f"{name} price unknown"
        if most is not None and price is not None and price * unit > most * (1 + 1e-12):
            return f"{name} price ${price * unit:.4g} above ${most:.4g}"
    return None


def _modality(wanted: Filter, model: ModelInfo) -> str | None:
    for name, needed, has in (
        ("input", wanted.inputs, model.inputs),
        ("output", wanted.outputs, model.outputs),
    ):
        if lacking := sorted(needed - (has or _ALWAYS)):
            return f"no {lacking[0]} {name}" if has else f"{lacking[0]} {name} unknown"
    return None


def _supports(wanted: Filter, model: ModelInfo) -> str | None:
    lacking = sorted(wanted.supports - model.supported)
    if not lacking:
        return None
    return f"does not list {lacking[0]}" if model.supported else "supported parameters unknown"


def _context(wanted: Filter, model: ModelInfo) -> str | None:
    if wanted.context is None or (model.context is not None and model.context >= wanted.context):
        return None
    has = "unknown" if model.context is None else f"{model.context:,} tokens"
    return f"context {has}"


def _pattern(wanted: Filter, model: ModelInfo) -> str | None:
    if wanted.match is not None and not re.search(wanted.match, model.id, re.IGNORECASE):
        return f"id without {wanted.match}"
    if wanted.without is not None and re.search(wanted.without, model.id, re.IGNORECASE):
        return f"id with {wanted.without}"
    return None


_CHECKS: tuple[Callable[[Filter, ModelInfo], str | None], ...] = (
    _organisation,
    _modality,
    _supports,
    _context,
    _price,
    _pattern,
)
