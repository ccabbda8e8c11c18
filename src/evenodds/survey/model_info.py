"""What is known of a model before it is asked anything: prices, abilities, covariates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from math import isfinite
from typing import Any

from evenodds.errors import RunError

__all__ = ["COVARIATES", "CallPrices", "Covariate", "ModelInfo", "Skip", "Value"]

Value = bool | float | str

COVARIATES: Mapping[str, type] = {
    "organisation": str,
    "billions": float,
    "mixture": bool,
    "reasoning": bool,
    "roleplay": bool,
    "coding": bool,
    "open_weights": bool,
    "released": date,
}
"""Covariate -> what it is: who released it, parameters in billions (all of them, of a mixture of
experts too), mixture of experts (else dense), thinks before it answers, tuned for role-play, tuned
for coding, whether its weights are published, the day of release (an ISO date)."""


@dataclass(frozen=True)
class Covariate:
    """A value and where it comes from: "name", "listing", "file", "edited" or "asked of ..."."""

    value: Value
    source: str


@dataclass(frozen=True)
class CallPrices:
    """Dollars a token of prompt, of completion, of thought, and dollars a request; None is unknown.

    `reasoning` None: thoughts are paid as completion. Raises RunError for a price that is negative
    or no number.

    >>> CallPrices(1e-6, 2e-6).cost(1000, 500)
    0.002
    >>> CallPrices().cost(1000, 100) is None
    True
    """

    prompt: float | None = None
    completion: float | None = None
    reasoning: float | None = None
    request: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        for each in fields(self):
            price = getattr(self, each.name)
            if price is not None and not (isfinite(price) and price >= 0):
                raise RunError(
                    f"A {each.name} price of {price} cannot be: give dollars, 0 or more, or "
                    "leave it out where it is unknown."
                )

    @property
    def known(self) -> bool:
        """Whether the cost of a call can be told: the prices of prompt and completion are known."""
        return self.prompt is not None and self.completion is not None

    def cost(self, prompt: int, completion: int, thought: int = 0) -> float | None:
        """Dollars of one call, by its tokens; `thought` of the completion's were thoughts."""
        if self.prompt is None or self.completion is None:
            return None
        dearer = 0.0 if self.reasoning is None else thought * (self.reasoning - self.completion)
        return (self.request or 0.0) + prompt * self.prompt + completion * self.completion + dearer

    def to_json(self) -> dict[str, float]:
        """Return the known prices as JSON values."""
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None}


@dataclass(frozen=True)
class Skip:
    """A model that is left out, and why ("not stated" where nobody said)."""

    id: str
    reason: str


@dataclass(frozen=True)
class ModelInfo:
    """One model of a catalogue.

    `inputs` and `outputs` are modalities (text, image), `supported` the request parameters that
    the listing says the model takes (seed, logprobs, structured_outputs); an empty set is unknown.
    `context` and `max_completion` are tokens, `created` the day that the listing gives. `url` and
    `key_env`: the API that the model is behind, and the environment variable with its key, where
    they are not those of the whole survey; `sent`: the name that this API knows it by, if not `id`.

    >>> ModelInfo.from_json(ModelInfo("a/b", "a").to_json()) == ModelInfo("a/b", "a")
    True
    """

    id: str
    organisation: str
    name: str = ""
    prices: CallPrices = CallPrices()
    context: int | None = None
    max_completion: int | None = None
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    supported: frozenset[str] = frozenset()
    created: date | None = None
    url: str = ""
    key_env: str = ""
    sent: str = ""
    covariates: Mapping[str, Covariate] = field(default_factory=dict, hash=False)

    def value(self, covariate: str) -> Value | None:
        """The value of a covariate, None where it is unknown."""
        found = self.covariates.get(covariate)
        return None if found is None else found.value

    def with_covariates(self, found: Mapping[str, Covariate]) -> ModelInfo:
        """The same model with further covariates, which replace those of the same name."""
        return replace(self, covariates={**self.covariates, **found})

    def to_json(self) -> dict[str, Any]:
        """Return what is known, as JSON values; what is unknown is left out."""
        record: dict[str, Any] = {"id": self.id, "organisation": self.organisation}
        record |= {"name": self.name, "prices": self.prices.to_json()}
        record |= {"context": self.context, "max_completion": self.max_completion}
        record |= {name: sorted(getattr(self, name)) for name in _SETS}
        record |= {"url": self.url, "key_env": self.key_env, "sent": self.sent}
        record |= {"created": None if self.created is None else self.created.isoformat()}
        record |= {"covariates": {n: vars(c).copy() for n, c in sorted(self.covariates.items())}}
        return {name: value for name, value in record.items() if value not in (None, "", [], {})}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> ModelInfo:
        """Rebuild a model that `to_json` wrote. Raises RunError for a record that is none."""
        try:
            rest: dict[str, Any] = {k: v for k, v in record.items() if k not in (*_SETS, *_MADE)}
            covariates = {n: Covariate(**c) for n, c in record.get("covariates", {}).items()}
            rest |= {name: frozenset(record.get(name, ())) for name in _SETS}
            day = record.get("created")
            return cls(
                **{"organisation": "", **rest},
                prices=CallPrices(**record.get("prices", {})),
                created=None if day is None else date.fromisoformat(day),
                covariates=covariates,
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise RunError(
                f"{str(record)[:80]!r} is no model of a catalogue ({error}): save it again."
            ) from error


_SETS = ("inputs", "outputs", "supported")
_MADE = ("prices", "created", "covariates")
