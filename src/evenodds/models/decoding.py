"""The decoding transforms: what temperature, top-k, top-p and min-p leave of a next-token law.

The order and the ties are Hugging Face's (`transformers.generation.logits_process`): temperature,
then top_k (tokens equal to the k-th stay), then top_p (of tokens that tie at the border, those with
the higher ids stay, as a stable ascending sort leaves them), then min_p. Other engines differ
(llama.cpp and Google put temperature last).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from evenodds.models.base import Decoding, Floats


def normalise(logits: npt.NDArray[Any]) -> Floats:
    """Return log-probabilities of logits (..., V) in float64: log-softmax over the last axis."""
    laws = np.asarray(logits, dtype=np.float64)
    shifted: Floats = laws - laws.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def transform(logprobs: npt.NDArray[Any], decoding: Decoding) -> Floats:
    """Return the log-probabilities (..., V) that are drawn from under `decoding`; removed = -inf.

    Takes log-probabilities or logits (nats). Temperature 0 leaves a point mass on the first of the
    likeliest tokens.

    >>> transform(np.log([[0.5, 0.3, 0.2]]), Decoding(top_k=2)).round(3).tolist()
    [[-0.47, -0.981, -inf]]
    """
    laws = np.asarray(logprobs, dtype=np.float64)
    if decoding.temperature == 0:
        return _greedy(laws)
    laws = laws / decoding.temperature if decoding.temperature != 1 else laws
    if 0 < decoding.top_k < laws.shape[-1]:
        laws = _top_k(laws, decoding.top_k)
    if decoding.top_p < 1:
        laws = _top_p(laws, decoding.top_p)
    if decoding.min_p > 0:
        laws = _min_p(laws, decoding.min_p)
    return normalise(laws)


def _greedy(laws: Floats) -> Floats:
    point = np.full(laws.shape, -np.inf)
    np.put_along_axis(point, laws.argmax(axis=-1, keepdims=True), 0.0, axis=-1)
    return point


def _top_k(laws: Floats, k: int) -> Floats:
    kth = np.partition(laws, -k, axis=-1)[..., -k, None]
    return np.where(laws < kth, -np.inf, laws)


def _top_p(laws: Floats, p: float) -> Floats:
    order = np.argsort(laws, axis=-1, kind="stable")
    probs = np.exp(normalise(np.take_along_axis(laws, order, axis=-1)))
    removed_sorted = probs.cumsum(axis=-1) <= 1 - p
    removed_sorted[..., -1] = False
    removed = np.empty_like(removed_sorted)
    np.put_along_axis(removed, order, removed_sorted, axis=-1)
    return np.where(removed, -np.inf, laws)


def _min_p(laws: Floats, p: float) -> Floats:
    return np.where(laws < laws.max(axis=-1, keepdims=True) + np.log(p), -np.inf, laws)
