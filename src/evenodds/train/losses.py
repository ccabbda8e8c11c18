"""The losses: pure functions of log-probabilities at tree nodes; one loss, one equation, one name.

Everywhere M is the number of nodes, V the vocabulary, E the number of edges (a node and one of its
next tokens). `logprob` holds natural logarithms, shape (M, V); results are nats, shape ().
What is called kl or js is zero exactly where the model equals the target.
"""

from __future__ import annotations

import torch
from torch import Tensor


def answer_cross_entropy(logprob: Tensor, node: Tensor, token: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy of whole answers: -sum_e weight_e log p(token_e | node_e).

    With weight_e the target's mass on edge e this is H(q, p) over the answers that the edges spell,
    by the chain rule; its least value is the target's entropy H(q), and the gap is KL(q, p).
    `node`, `token` (int64) and `weight` have shape (E,).
    """
    return -(weight * logprob[node, token]).sum()


def kl_forward(target: Tensor, logprob: Tensor, weight: Tensor) -> Tensor:
    """sum_m weight_m KL(target_m, model_m) = sum_m weight_m sum_t q log(q / p), with 0 log 0 = 0.

    `target` (M, V) are probabilities, `weight` (M,) the mass of each node. Zero when p = q.
    """
    return (weight * (torch.xlogy(target, target) - target * logprob).sum(-1)).sum()


def kl_reverse(target: Tensor, logprob: Tensor, weight: Tensor) -> Tensor:
    """sum_m weight_m KL(model_m, target_m) = sum_m weight_m sum_t p log(p / q).

    Infinite where the model has mass and the target none, so smooth the target first (`smoothed`).
    """
    prob = logprob.exp()
    return (weight * (prob * logprob - torch.xlogy(prob, target)).sum(-1)).sum()


def js(target: Tensor, logprob: Tensor, weight: Tensor) -> Tensor:
    """sum_m weight_m JS(target_m, model_m), JS = (KL(q, m) + KL(p, m)) / 2 with m = (p + q) / 2.

    Between 0 and ln 2 at each node (Lin 1991). JS has no chain rule: this is a mean over nodes, not
    the JS of whole answers; it is zero exactly when they agree.
    """
    prob = logprob.exp()
    middle = ((prob + target) / 2).clamp_min(torch.finfo(prob.dtype).tiny).log()
    forward = (torch.xlogy(target, target) - target * middle).sum(-1)
    backward = (prob * (logprob - middle)).sum(-1)
    return (weight * (forward + backward)).sum() / 2


def smoothed(target: Tensor, epsilon: float) -> Tensor:
    """(1 - epsilon) target + epsilon / V: the target with mass everywhere, for `kl_reverse`."""
    return (1 - epsilon) * target + epsilon / target.shape[-1]
