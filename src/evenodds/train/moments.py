"""`moments`: match mean, variance and entropy of the answers, and nothing more of their law.

The discussion document's "train to match target distribution statistics (mean, variance, entropy)".
The three are computed from the model's own exact probabilities of all outcomes, so that no noise
stands in the way; what falls short is the aim. The mirror image of a skewed law about its mean has
all three and is another law. A uniform law alone has its entropy, but the squared error of an
entropy near its maximum is of fourth order in the probabilities, so that descent halts there.
Outcomes that are no numbers are numbered as the law lists them, from 0.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from evenodds.errors import RunError
from evenodds.tasks.trie import token_trie
from evenodds.train.config import Range, TrainConfig
from evenodds.train.job import Job, Method
from evenodds.train.lesson import Prompts, Targets
from evenodds.train.rows import Row, along, trie_row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class MomentsConfig(TrainConfig):
    """The options of `moments` beside those of every method.

    outcomes: the largest support it takes, for every outcome is fed in every step.
    """

    method: ClassVar[str] = "moments"

    outcomes: int = 2000

    def _ranges(self) -> list[Range]:
        return [*super()._ranges(), ("outcomes", self.outcomes >= 1, "at least 1")]


class MomentsLesson:
    """A task as the numbers that its outcomes stand for, and where a row says each of them.

    `values` (K,) in standard deviations from the mean, which changes no relative error; `target`
    (K,) probabilities; `taken`: the edges of each outcome's answer.
    """

    def __init__(
        self, task: Task, scorer: Scorer, decoding: Decoding, config: MomentsConfig
    ) -> None:
        _check(task, config.outcomes)
        trie = token_trie(task, scorer, decoding, limit=config.outcomes)
        self.task, self.prompts = task, Prompts(task, scorer, decoding)
        self.whole = trie_row((), Targets(trie))
        self.target = [float(trie.mass[node]) for node in trie.outcome]
        self.values = _standard(_numbers(list(trie.outcome.values())), self.target)
        self.taken = along(self.whole, [trie.tree.path(node) for node in trie.outcome])

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """All outcomes after a freshly drawn prompt; the least loss is zero."""
        return replace(self.whole, context=self.prompts.draw(rng, noise), entropy=0.0)


def _check(task: Task, outcomes: int) -> None:
    if task.law.support_size > outcomes:
        raise RunError(
            f"{task.target} has {task.law.support_size} outcomes, and moments feeds each of them "
            f"in every step: at most {outcomes} (raise outcomes=, leave it out, or take match)"
        )


def _numbers(outcomes: Sequence[Any]) -> list[float]:
    """The outcomes themselves, or 0, 1, ... where one of them is no number."""
    if all(isinstance(x, int | Decimal) for x in outcomes):
        return [float(x) for x in outcomes]
    return [float(i) for i in range(len(outcomes))]


def _standard(values: Sequence[float], target: Sequence[float]) -> list[float]:
    mean = sum(p * x for x, p in zip(values, target, strict=True))
    spread = sqrt(sum(p * (x - mean) ** 2 for x, p in zip(values, target, strict=True))) or 1.0
    return [(x - mean) / spread for x in values]


def lessons(
    local: Scorer, tasks: Sequence[Task], decoding: Decoding, config: MomentsConfig
) -> list[MomentsLesson]:
    """The tasks, prepared.

    Raises RunError for a support that is too large, FormatError for an unspellable answer.
    """
    return [MomentsLesson(task, local, decoding, config) for task in tasks]


def build(job: Job) -> Any:
    """The trainer of a `moments` run."""
    from evenodds.train.moments_trainer import MomentsTrainer

    return MomentsTrainer(job)


METHOD = Method(
    "moments", "mean, variance and entropy of the answers alone", MomentsConfig, lessons, build
)
