"""How the learning rate rises and falls."""

from __future__ import annotations

import math

from evenodds.train.config import TrainConfig


def lr_factor(config: TrainConfig, step: int, progress: float) -> float:
    """The learning rate at `step` as a share of its peak; `progress` runs from 0 to 1."""
    rise = min(1.0, (step + 1) / (config.warmup + 1))
    fall = {
        "constant": 1.0,
        "linear": 1 - progress,
        "cosine": (1 + math.cos(math.pi * progress)) / 2,
    }
    return rise * fall[config.schedule]
