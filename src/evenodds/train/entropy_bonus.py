"""The entropy bonus of GRPO: loss = policy loss - coefficient * mean entropy of a token (nats).

The coefficient is fixed, steered to a wanted entropy as TRL does it, or falls to nothing over the
run. At a fixed one the bonus pulls every choice to uniform for as long as the run lasts, the choice
between answers and anything else included.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

DELTA = 0.005
"""By how much the adaptive coefficient moves at a step: TRL's default."""

LISTED = 200  # of larger supports the length of an answer is the mean over as many draws


def adapted(
    coef: float, entropy: float, target: float, *, high: float, delta: float = DELTA
) -> tuple[float, float]:
    """The coefficient that applies at a step that found `entropy`, and the next one.

    It applies only at or below `target`; there the next is `delta` higher (at most `high`), above
    it `delta` lower (at least 0). Skywork-OR1, arXiv:2505.22312; what TRL's trainer computes.

    >>> adapted(0.5, 0.1, 0.2, high=1.0, delta=0.25), adapted(0.5, 0.3, 0.2, high=1.0, delta=0.25)
    ((0.5, 0.75), (0.0, 0.25))
    """
    if entropy <= target:
        return coef, min(coef + delta, high)
    return 0.0, max(coef - delta, 0.0)


def decayed(coef: float, progress: float) -> float:
    """The coefficient when `progress` (0 to 1) of a run is over: it falls in a straight line.

    >>> decayed(0.04, 0.0), decayed(0.04, 0.75), decayed(0.04, 1.0)
    (0.04, 0.01, 0.0)
    """
    return coef * (1 - min(1.0, max(0.0, progress)))


class EntropyDecay(TrainerCallback):
    """Sets TRL's `entropy_coef` before each step; `start` is its first value.

    A pure function of the step, so that a resumed run goes on where it was.
    """

    def __init__(self, trainer: Any, start: float) -> None:
        self.trainer, self.start = trainer, start

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Let the coefficient fall with the steps done."""
        self.trainer.entropy_coef = decayed(self.start, state.global_step / state.max_steps)


def entropy_target(tasks: Sequence[Task], scorer: Scorer, decoding: Decoding) -> float:
    """The mean entropy of a token (nats) of a model that answers `tasks` fairly.

    All entropy of the targets over all tokens of their answers, end tokens included: tokens that
    format an answer have none. Raises FormatError for an outcome that cannot be spelled.
    """
    entropy = sum(task.law.entropy() for task in tasks)
    return entropy / sum(tokens(task, scorer, decoding) for task in tasks)


def tokens(task: Task, scorer: Scorer, decoding: Decoding) -> float:
    """The mean number of tokens of a fair answer in its canonical spelling, end token included."""
    lengths = {}

    def length(outcome: Any) -> int:
        if outcome not in lengths:
            text = task.format.spellings(outcome)[0].removeprefix(decoding.prefill)
            lengths[outcome] = len(scorer.spell(task.prompt, text, decoding))
        return lengths[outcome]

    if task.law.support_size <= LISTED:
        return sum(p * length(x) for x, p in task.law.pmf(LISTED).probs().items())
    rng = random.Random(0)
    return sum(length(task.law.draw(rng)) for _ in range(LISTED)) / LISTED
