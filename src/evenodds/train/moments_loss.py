"""The loss of moment matching, as a pure function of the model's probabilities of the outcomes."""

from __future__ import annotations

import torch
from torch import Tensor


def moments_loss(logprob: Tensor, values: Tensor, target: Tensor) -> Tensor:
    """((m - M) / S)^2 + ((v - V) / V)^2 + ((h - H) / H)^2 - ln s, without unit.

    `logprob` (K,) are the model's log-probabilities of the K outcomes, s their total mass; m, v, h
    are mean, variance and entropy (nats) of the outcomes given that the answer is one of them, M,
    V, H those of `target` (K,), S = sqrt(V); `values` (K,) are the outcomes as numbers. Where V or
    H is zero, the error is absolute. Zero for a fair model, and for others too.
    """
    valid = logprob.logsumexp(-1)
    inside = logprob - valid
    found = _statistics(inside.exp(), inside, values)
    wanted = _statistics(target, target.clamp_min(torch.finfo(target.dtype).tiny).log(), values)
    spread = _or_one(wanted[1])
    mean = (found[0] - wanted[0]).square() / spread
    variance = ((found[1] - wanted[1]) / spread).square()
    entropy = ((found[2] - wanted[2]) / _or_one(wanted[2])).square()
    return mean + variance + entropy - valid


def _statistics(prob: Tensor, logprob: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    mean = (prob * values).sum()
    return mean, (prob * (values - mean).square()).sum(), -(prob * logprob).sum()


def _or_one(number: Tensor) -> Tensor:
    return torch.where(number > 0, number, torch.ones_like(number))
