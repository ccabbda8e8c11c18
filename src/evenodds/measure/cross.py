"""How likely a model makes the answers of a law too large to list: cross-entropy, exactly scored.

Answers are drawn from the target, each is scored exactly in its canonical spelling, end-of-turn
token included. Their mean surprisal under the model can fall no lower than the target's entropy,
but for other spellings, which only raise the model's probability: the kl here is an upper bound.
"""

import random
from math import sqrt
from statistics import NormalDist, fmean, stdev

import numpy as np

from evenodds.measure.interval import ALPHA
from evenodds.measure.record import Statistic
from evenodds.models.base import Decoding, PrefixTree, Scorer, path_logprobs
from evenodds.tasks.task import Task

ANSWERS = 32


def cross_entropy(
    scorer: Scorer, task: Task, decoding: Decoding, *, answers: int = ANSWERS, seed: int = 0
) -> dict[str, Statistic]:
    """Statistics "cross_entropy" and "kl_forward", in nats an answer, with normal intervals.

    `answers` (at least 2) are drawn from the target. Not finite, so None, when the model gives one
    of them no probability. Raises FormatError for an answer that the tokenizer cannot spell.
    """
    rng = random.Random(seed)
    outcomes = [task.law.draw(rng) for _ in range(answers)]
    spellings = [task.format.spellings(outcome)[0] for outcome in outcomes]
    model = _logprobs(scorer, task, spellings, decoding)
    target = np.array([task.law.logprob(outcome) for outcome in outcomes])
    return {
        "cross_entropy": _mean(-model, task.law.entropy()),
        "kl_forward": _mean(target - model, 0.0),
    }


def _logprobs(
    scorer: Scorer, task: Task, replies: list[str], decoding: Decoding
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Log-probability of each reply in its canonical tokenisation, any end token after it."""
    tree, ends = PrefixTree(), []
    for reply in replies:
        after = reply.removeprefix(decoding.prefill) or reply
        path = scorer.spell(task.prompt, after, decoding)
        ends.append(tree.add(path[:-1]))
    context = scorer.context(task.prompt, decoding)
    walk = scorer.walk(context, tree, decoding, dict.fromkeys(ends, 1))
    total = path_logprobs(tree, walk.logprob)
    return np.array([total[node] + walk.stop[node] for node in ends])


def _mean(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", fair: float) -> Statistic:
    if not np.isfinite(values).all():
        return Statistic(None, fair=fair)
    numbers = values.tolist()
    mean, normal = fmean(numbers), NormalDist().inv_cdf(1 - ALPHA / 2)
    margin = normal * stdev(numbers) / sqrt(len(numbers))
    return Statistic(mean, mean - margin, mean + margin, fair)
