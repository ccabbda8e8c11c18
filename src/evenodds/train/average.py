"""A running mean of the weights: w_mean <- decay * w_mean + (1 - decay) * w after each step.

The mean over the end of a run generalises a little better than its last point and wobbles less
(Polyak and Juditsky 1992; Izmailov et al. 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch


class Average:
    """The running mean of a model's trainable weights; decay 0 means the weights themselves.

    The decay at step t is min(decay, (1 + t) / (10 + t)), so that the start is soon forgotten.
    """

    def __init__(self, model: Any, decay: float) -> None:
        self.decay = decay
        self.live = {n: p for n, p in model.named_parameters() if p.requires_grad}
        self.mean = {n: p.detach().clone() for n, p in self.live.items()} if decay else {}

    def update(self, step: int) -> None:
        """Take in the weights after `step` steps."""
        if not self.mean:
            return
        decay = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.values()), list(self.live.values()), 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block the model computes with the mean; afterwards with its own weights."""
        own = {name: self.live[name].detach().clone() for name in self.mean}
        self._copy(self.mean)
        try:
            yield
        finally:
            self._copy(own)

    def settle(self) -> None:
        """Put the mean into the model for good."""
        self._copy(self.mean)

    def save(self, path: Path) -> None:
        """Write the mean to `path` (safetensors)."""
        from safetensors.torch import save_file

        save_file({name: mean.contiguous() for name, mean in self.mean.items()}, path)

    def load(self, path: Path) -> None:
        """Read the mean that `save` wrote."""
        from safetensors.torch import load_file

        for name, mean in load_file(path).items():
            self.mean[name].copy_(mean)

    def _copy(self, source: dict[str, Any]) -> None:
        with torch.no_grad():
            for name, value in source.items():
                self.live[name].copy_(value)
