"""A few exact measurements while a run goes on: the distance to the target, seen and unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from evenodds.measure.exact import measure_exact

if TYPE_CHECKING:
    from evenodds.measure.record import Measurement
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task


def probe(
    scorer: Scorer, tasks: Sequence[Task], decoding: Decoding, count: int
) -> Callable[[], dict[str, float]]:
    """A function that measures up to `count` tasks of the train split and of the others exactly.

    It gives "tv" and "tv_unseen", mean distances, each left out where there is nothing to measure,
    and "p:OUTCOME", the model's pmf on the first task. Tasks are taken evenly from the list.
    """
    trained = _spread([task for task in tasks if task.split == "train"], count)
    unseen = _spread([task for task in tasks if task.split != "train"], count)

    def measure() -> dict[str, float]:
        known = [measure_exact(scorer, task, decoding) for task in trained]
        new = [measure_exact(scorer, task, decoding) for task in unseen]
        pmf = (known[0].model_pmf if known else None) or {}
        shown = {f"p:{outcome}": p for outcome, p in pmf.items()} if len(pmf) <= 20 else {}
        return {**_mean("tv", known), **_mean("tv_unseen", new), **shown}

    return measure


def _mean(name: str, measured: Sequence[Measurement]) -> dict[str, float]:
    values = [m.statistics["tv"].value for m in measured]
    known = [value for value in values if value is not None]
    return {name: sum(known) / len(known)} if known else {}


def _spread(tasks: Sequence[Task], count: int) -> list[Task]:
    """The first task and others at even distances, `count` in all."""
    listable = [task for task in tasks if task.law.support_size <= 1000]
    if len(listable) <= count:
        return listable
    return [listable[i * len(listable) // count] for i in range(count)]
