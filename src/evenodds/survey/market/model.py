"""A simulated model: what it answers, what it costs, what it can do, how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from evenodds.survey.model_info import CallPrices

__all__ = ["MarketModel"]


@dataclass(frozen=True)
class MarketModel:
    """The truth about one model.

    `bias`, 0 to .5: of two even options its favourite is answered with probability .5 + bias,
    whatever their order. `favourite`, 0 to 1, says which: a place among the options in their own
    order (numbers by size, words by the alphabet). `position`, -.5 to .5: how much likelier the
    option named first is (negative: the last). `label`: how much likelier one of two words is,
    which one being a matter of the words. `schema`: what is added to the bias where JSON of a shape
    is forced. `greedy`: always the likeliest. `dead`: "" or how ("down": always 503, "hangs").
    `thoughts`: mean tokens of thought. `supported`: request parameters that it takes; a
    `response_format` it does not take is refused, or ignored where `polite` is false. `rates`: see
    `faults`. `calls_a_second`: above it 429; None: as many as come. `latency`: in units of the
    market's. `tells_cost`: whether `usage.cost` is sent. `seeded`: whether it keeps to seeds.
    """

    id: str
    prices: CallPrices
    bias: float = 0.0
    favourite: float = 0.0
    position: float = 0.0
    label: float = 0.0
    schema: float = 0.0
    greedy: bool = False
    dead: str = ""
    thoughts: int = 0
    supported: frozenset[str] = frozenset()
    polite: bool = True
    rates: Mapping[str, float] = field(default_factory=dict, hash=False)
    calls_a_second: float | None = None
    latency: float = 1.0
    tells_cost: bool = True
    seeded: bool = True
    published: bool = False
    created: int = 1_700_000_000
    open_weights: bool | None = None
    context: int = 131_072
    covariates: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """Return the truth as JSON values."""
        record = asdict(self)
        return {**record, "prices": self.prices.to_json(), "supported": sorted(self.supported)}

    def listed(self) -> dict[str, Any]:
        """The model as OpenRouter's `/models` lists one: prices as texts, in dollars a token."""
        per_token = {name: f"{price:.12g}" for name, price in self.prices.to_json().items()}
        return {
            "id": self.id,
            "canonical_slug": self.id,
            "hugging_face_id": self.id if self.open_weights else "",
            "name": self.id,
            "created": self.created,
            "description": "A simulated model.",
            "context_length": self.context,
            "architecture": {
                "modality": "text->text",
                "input_modalities": ["text"],
                "output_modalities": ["text"],
                "tokenizer": "Other",
                "instruct_type": None,
            },
            "pricing": {"request": "0", "image": "0", "internal_reasoning": "0", **per_token},
            "top_provider": {"context_length": self.context, "max_completion_tokens": 8192},
            "supported_parameters": sorted(self.supported),
        }
