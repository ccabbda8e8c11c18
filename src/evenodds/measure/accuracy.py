"""Accuracy on deterministic twins: the exact probability of the one right answer.

Beside randomness stands what must not become random. A twin's target is a point mass, so that its
tv is the probability of a wrong answer; here the same number is told as what is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from evenodds.errors import SuiteError
from evenodds.measure.exact import measure_bounded
from evenodds.models.base import Decoding, Scorer
from evenodds.tasks.task import Task

__all__ = ["Accuracy", "accuracy", "right"]


@dataclass(frozen=True)
class Accuracy:
    """The mean probability of the right answer over `n` twins.

    `value` counts every spelling that was followed; `open` is the mean mass that was followed to no
    end: by so much the value may be higher.
    """

    value: float
    open: float
    n: int


def right(
    scorer: Scorer,
    task: Task,
    decoding: Decoding = Decoding(),  # noqa: B008  frozen
) -> tuple[float, float]:
    """The probability that `task`, a deterministic one, is answered right, and the mass left open.

    Raises `SuiteError` for a random task: it has no right answer.
    """
    if task.kind != "deterministic":
        name = task.name or task.prompt.strip()[:60]
        raise SuiteError(f"{name!r} is a random task and has no right answer: give twins alone.")
    masses = measure_bounded(scorer, task, decoding).masses
    return masses["support"], masses["unaccounted"]


def accuracy(
    scorer: Scorer,
    tasks: Iterable[Task],
    decoding: Decoding = Decoding(),  # noqa: B008  frozen
) -> Accuracy:
    """How rightly a model answers the deterministic tasks among `tasks`; the others are passed by.

    Exact: no draws are taken. Raises `SuiteError` when none of the tasks is deterministic.
    """
    twins = [task for task in tasks if task.kind == "deterministic"]
    if not twins:
        raise SuiteError("none of the tasks is deterministic: accuracy is about twins alone.")
    found = [right(scorer, task, decoding) for task in twins]
    return Accuracy(fmean(p for p, _ in found), fmean(left for _, left in found), len(twins))
