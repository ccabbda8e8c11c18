"""Everything that makes up a market: two of the same setup answer the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from evenodds.errors import RunError
from evenodds.survey.market.faults import fault_rates
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.models import market_models

__all__ = ["Setup"]


_MOST_MODELS = 100_000
_MOST = {"latency": 3600, "stall": 86400, "jitter": 1, "limited": 1, "seedless": 1}


@dataclass(frozen=True)
class Setup:
    """`models` of `seed` with mean `faults` (see `fault_rates`), `quirks`, `dead`, `limited`
    and `seedless` ones.

    A reply takes about `latency` seconds: times the model's own factor and a factor that is uniform
    on 1 -+ `jitter`; with `jitter` 0 it takes exactly `latency`. A stalled one keeps the connection
    for `stall` seconds. `effects` of covariates: see `market_models`. `keep` rows of the bill.
    Raises RunError for a setup that cannot be.
    """

    models: int = 240
    seed: int = 0
    faults: str = "none"
    latency: float = 0.0
    jitter: float = 0.3
    quirks: bool = True
    dead: int = 0
    limited: float = 0.0
    seedless: float = 0.0
    stall: float = 600.0
    effects: Mapping[str, float] = field(default_factory=dict)
    keep: int = 200_000
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        """Refuse a setup that cannot be."""
        fault_rates(self.faults)
        for name, most in _MOST.items():
            value = getattr(self, name)
            if not (isfinite(value) and 0 <= value <= most):
                raise RunError(f"{name}={value} cannot be: give a number between 0 and {most}.")
        if not 1 <= self.models <= _MOST_MODELS:
            raise RunError(f"{self.models} models are no market: give 1 to {_MOST_MODELS:,}.")
        if not 0 <= self.port < 65536:
            raise RunError(f"{self.port} is no port: give one below 65536, or 0 for any.")

    def market_models(self) -> dict[str, MarketModel]:
        """The models, by id."""
        return market_models(
            self.models,
            self.seed,
            fault_rates(self.faults),
            quirks=self.quirks,
            dead=self.dead,
            limited=self.limited,
            seedless=self.seedless,
            effects=self.effects,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the setup as JSON values."""
        return asdict(self)
