"""`rejection`: the model's own replies, kept in proportion to what the law says of their outcomes.

A prompt gets `draws` replies. A reply with outcome x is kept with a weight of q(x) / p(x), q the
target and p the share of the replies that say x; what is no answer is dropped. The loss is the
cross-entropy of what was kept: rejection sampling, with weights where a coin would add noise.

It is here for what no target of ours can say: how the model words its answer. With the true p the
mean gradient is that of KL(q, p) over OUTCOMES, all wordings of one added up, and zero for how each
is worded: "You rolled a **4**!" may stay about as likely among the fours as it was, where `match`
and `sft` teach the canonical spelling. Nothing pulls the wording back either: it drifts, the sooner
the higher the rate and the fewer the draws. (A small model with two wordings, .61 of its answers in
the first: .73 after 60 steps at rate 2e-3 with 256 draws, .999 at 1e-2 with 64.) An outcome that
is not drawn is not taught, as in RL, and shares of few
draws overrate the frequent (an outcome with n q(x) below about 1 fades), so it wants `draws` well
above 1 / min q, and a model that says every outcome now and then.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from evenodds.train.config import Range, TrainConfig
from evenodds.train.job import Job, Method
from evenodds.train.lesson import Prompts
from evenodds.train.rows import Row

if TYPE_CHECKING:
    from evenodds.distributions import Law
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class RejectionConfig(TrainConfig):
    """The options of `rejection` beside those of every method.

    draws: replies a prompt and step. tokens: where a reply that does not end is cut off.
    """

    method: ClassVar[str] = "rejection"

    steps: int = 150
    draws: int = 64
    tokens: int = 64

    def _ranges(self) -> list[Range]:
        return [
            *super()._ranges(),
            ("margin", self.margin is None, "left out: how low the loss can be is not known"),
            ("draws", self.draws >= 2, "at least 2"),
            ("tokens", self.tokens >= 1, "at least 1"),
        ]


def kept(outcomes: Sequence[Any], law: Law) -> list[float]:
    """The weight of each reply, by its outcome (None: no answer); they add up to 1, or all are 0.

    q(x) / n_x over the sum of q over the outcomes that occur.

    >>> from evenodds.distributions import parse
    >>> kept([4, 4, 4, 1, None], parse("uniform(1, 6)").law)
    [0.16666666666666666, 0.16666666666666666, 0.16666666666666666, 0.5, 0.0]
    """
    counts = Counter(outcome for outcome in outcomes if outcome is not None)
    prob = {outcome: float(law.prob(outcome)) for outcome in counts}
    total = sum(prob.values())
    return [prob[x] / counts[x] / total if x in prob and total else 0.0 for x in outcomes]


@dataclass(frozen=True)
class Asked:
    """A task as `rejection` asks it. Its row is a prompt, with nothing after it yet."""

    task: Task
    prompts: Prompts

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """The prompt alone, varied with probability `noise`."""
        return Row(self.prompts.draw(rng, noise), (), (), (), 0.0)


def asked(
    local: Scorer, tasks: Sequence[Task], decoding: Decoding, config: RejectionConfig
) -> list[Asked]:
    """The tasks, prepared."""
    return [Asked(task, Prompts(task, local, decoding)) for task in tasks]


def build(job: Job) -> Any:
    """The trainer of a `rejection` run."""
    from evenodds.train.rejection_trainer import RejectionTrainer

    return RejectionTrainer(job)


METHOD = Method(
    "rejection", "the model's own replies, kept as the target says", RejectionConfig, asked, build
)
