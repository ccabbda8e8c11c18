"""Rao-Blackwell: exact odds of the answer, averaged over drawn beginnings of replies.

A model that writes before it answers cannot be followed down every path. Its replies are drawn, cut
before the answer comes (`evenodds.measure.cuts` says where, and why that is unbiased), and of each
beginning the exact law of the answer is computed. The mean has the variance that the beginnings
cause and no other (Rao & Blackwell): never more than that of plain draws, none where the answer
does not depend on what was written.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import numpy as np

from evenodds.distributions import Pmf
from evenodds.errors import DrawsError
from evenodds.measure.answers import Answers, about
from evenodds.measure.beginnings import Beginnings, each_outcome, gained, uncertain
from evenodds.measure.cells import Floats
from evenodds.measure.cuts import Begun, Cuts
from evenodds.measure.masses import exact_statistics
from evenodds.measure.perfect import perfect_statistics
from evenodds.measure.record import Measurement
from evenodds.measure.sample import LISTABLE
from evenodds.models.base import Decoding, Scorer
from evenodds.tasks.task import Task

__all__ = ["PREFIXES", "gain", "measure_prefixes"]

PREFIXES = 200
_KINDS = ("off_support", "malformed", "refused")


def measure_prefixes(
    scorer: Scorer,
    task: Task,
    decoding: Decoding = Decoding(),  # noqa: B008  frozen
    *,
    n: int = PREFIXES,
    seed: int = 0,
) -> Measurement:
    """Measure a model that writes before it answers from `n` drawn beginnings.

    Statistics: those of an exact measurement, with intervals for "tv", "valid" and "P(outcome)" (of
    at most 100 outcomes); "variance_reduction", by how much plain draws of the same number would
    vary more (None where the beginnings make no difference at all), and "effective_draws". `fair`
    of "tv" is what such beginnings would show of a model that is fair on average over them.
    Raises DrawsError for n < 1 and TooLargeError for more than 10,000 outcomes.
    """
    if n < 1:
        raise DrawsError(f"{n} beginnings measure nothing: draw at least 1")
    started = time.perf_counter()
    pmf = task.law.pmf(LISTABLE)
    sample = _sample(scorer, task, pmf, decoding, n=n, seed=seed)
    q, unaccounted = sample.mean[: len(pmf)], float(sample.mean[-1])
    target = pmf.probs()
    kinds = dict(zip(_KINDS, sample.mean[len(pmf) : -1].tolist(), strict=True))
    p = np.array([*target.values()])
    statistics = {
        **exact_statistics(q, p, sum(kinds.values()), unaccounted),
        **uncertain(sample, p, seed),
        **each_outcome(sample, target),
        **gained(sample),
        **perfect_statistics(task, decoding, scorer),
    }
    return Measurement(
        model=scorer.name,
        task=about(task),
        method="prefixes",
        n=n,
        masses={"support": float(q.sum()), **kinds, "unaccounted": unaccounted},
        model_pmf=dict(zip(map(str, pmf), q.tolist(), strict=True)),
        target_pmf={str(outcome): prob for outcome, prob in target.items()},
        counts=None,
        statistics=statistics,
        decoding=decoding,
        others=_others(sample.begun, sample.counts),
        seed=seed,
        note=_note(sample),
        seconds=time.perf_counter() - started,
    )


def gain(
    scorer: Scorer, task: Task, decoding: Decoding, *, n: int = 16, seed: int = 0
) -> tuple[float, float]:
    """From a few beginnings: the share that can be cut, and the variance reduction (or inf).

    (0, 1) for a model that answers most of the time before it has written anything else.
    """
    cuts = Cuts(scorer, task, task.law.pmf(LISTABLE), decoding)
    drawn = Counter(scorer.paths(cuts.context, n, decoding, seed))
    if 2 * sum(many for path, many in drawn.items() if cuts.waits(path)) < n:
        return 0.0, 1.0
    sample = _completed(cuts, drawn, task.law.pmf(LISTABLE))
    return sample.cut, sample.reduction


def _sample(
    scorer: Scorer, task: Task, pmf: Pmf[Any], decoding: Decoding, *, n: int, seed: int
) -> Beginnings:
    cuts = Cuts(scorer, task, pmf, decoding)
    return _completed(cuts, Counter(scorer.paths(cuts.context, n, decoding, seed)), pmf)


def _completed(cuts: Cuts, drawn: Mapping[tuple[int, ...], int], pmf: Pmf[Any]) -> Beginnings:
    begun = [cuts.begun(path) for path in drawn]
    rows = np.array([_row(each, pmf) for each in begun])
    counts = np.array([*drawn.values()], dtype=np.float64)
    distinct = len({id(each) for each in begun})
    return Beginnings(begun, counts, rows, distinct)


def _row(begun: Begun, pmf: Pmf[Any]) -> list[float]:
    answers: Answers = begun.answers
    outcomes = [float(answers.outcomes.get(outcome, 0.0)) for outcome in pmf]
    return [*outcomes, *(float(getattr(answers, kind)) for kind in _KINDS), begun.unaccounted]


def _others(begun: Sequence[Begun], counts: Floats) -> dict[str, float]:
    pooled = Answers()
    for each, many in zip(begun, counts.tolist(), strict=True):
        for reply, mass in each.answers.others.items():
            pooled.others[reply] = pooled.others.get(reply, 0.0) + many * mass
    return pooled.commonest_others(float(counts.sum()))


def _note(sample: Beginnings) -> str:
    basis = (
        f"exact answers after {sample.n} drawn beginnings, {sample.distinct} of them different, "
        f"{sample.cut:.0%} cut before the answer"
    )
    if sample.n < 2:
        return basis
    if sample.reduction == inf:
        return f"{basis}; the answer does not depend on them"
    return f"{basis}; as precise as {sample.n * sample.reduction:,.0f} plain draws"
