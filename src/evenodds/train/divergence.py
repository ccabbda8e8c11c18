"""Runs that fall apart: a loss that is no number, or that rises far above where it began."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch

from evenodds.train.config import TrainConfig

FIRST = 5
"""The mean over so many batches is where a run began."""
PATIENCE = 20
"""A loss must stay too high for so many batches: one batch of hard tasks ends no run."""
FAR, FURTHER = 5.0, 25.0
"""Nats above twice the beginning that are too high: FAR above the mean of the first batches, or
FURTHER above the very first, for a run may fall apart within these. (Of a suite of mixed lengths
one batch says little.)"""


class Divergence:
    """Sees each batch's loss in nats above its least value; `why` says what is wrong, once it is.

    With tasks that come by level (`levels="rising"`) a loss may rise for good reasons, so there
    only numbers that are none count.
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.first: list[float] = []
        self.above = 0
        self.why: str | None = None

    @property
    def start(self) -> float | None:
        """The mean of the first batches; None before there are enough, or where it says nothing."""
        known = len(self.first) == FIRST and self.config.levels == "all"
        return sum(self.first) / FIRST if known else None

    def see(self, excess: float, mean: float) -> None:
        """Take in a batch's loss and the running mean, both in nats above the least value."""
        if not math.isfinite(excess):
            self.why = "the loss is no longer a number"
            return
        if len(self.first) < FIRST:
            self.first.append(excess)
        self.above = self.above + 1 if mean > self._line() else 0
        if self.above >= PATIENCE:
            rose = f"from {self.first[0]:.3g} to {mean:.3g} nats"
            self.why = f"the loss rose {rose} above its least value"

    def _line(self) -> float:
        """A running mean above this is too high."""
        if self.start is None:
            return math.inf
        return min(2 * abs(self.start) + FAR, 2 * abs(self.first[0]) + FURTHER)

    def check(self, weights: Iterable[Any]) -> None:
        """Look whether all weights are numbers, before they are written anywhere."""
        if self.why is None and not all(
            bool(torch.isfinite(_here(weight)).all()) for weight in weights
        ):
            self.why = "some weights are no longer numbers"

    def ended(self, mean: float) -> str | None:
        """What to say of a run that ends with a running mean well above its very first batch."""
        first = self.first[0] if self.start is not None else math.inf
        if mean <= first + max(0.5, 0.5 * abs(first)):
            return None
        return (
            f"the loss ended {mean:.3g} nats above its least value and began {first:.3g} above: "
            f"{self.advice()}"
        )

    def advice(self) -> str:
        """What to do."""
        lr = self.config.lr
        return f"the learning rate {lr:g} is too high here; try --lr {lr / 10:.1g}"

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"first": self.first, "above": self.above}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up what `state` kept."""
        self.first, self.above = list(kept["first"]), kept["above"]


def _here(weight: Any) -> Any:
    """The weight, or the part of it that this process holds."""
    return weight.to_local() if hasattr(weight, "to_local") else weight.detach()
