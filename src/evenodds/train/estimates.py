"""KL estimated from a model's own sampled answers, with the gradient that belongs to it."""

from __future__ import annotations

from torch import Tensor


def kl_estimate(logprob: Tensor, target: Tensor) -> Tensor:
    """The mean over K sampled answers of ln p(x_i) - ln q(x_i): KL(p, q) in the mean, in nats.

    `logprob` (..., K) are the model's log-probabilities of answers that it drew itself, `target`
    (..., K) those of the target. The gradient is that of the score-function estimator with a
    leave-one-out baseline, mean_i (r_i - b_i) grad ln p(x_i), r = ln p - ln q, b_i the mean of the
    other r (Kool et al. 2019): in the mean the gradient of KL(p, q), where merely differentiating
    the mean of r would give zero in the mean.
    Raises ValueError for fewer than two answers, which leave no baseline.
    """
    count = logprob.shape[-1]
    if count < 2:
        raise ValueError(f"{count} answers leave no baseline: draw at least two")
    apart = (logprob - target).detach()
    baseline = (apart.sum(-1, keepdim=True) - apart) / (count - 1)
    steered = (apart - baseline) * logprob
    return (apart + steered - steered.detach()).mean(-1)
