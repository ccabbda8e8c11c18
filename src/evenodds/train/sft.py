"""`sft`: supervised fine-tuning on sampled answers, the cross-entropy of what was drawn.

Option A of the project's discussion document: for each prompt answers are drawn from the target,
new ones each time it comes up, and each is supervised token by token, one-hot. The mean over draws
is the loss of `match`; what differs is the noise of the draws, and nothing else: prompts, prompt
noise, replay, order and optimizer are those of `match`. `fresh=False` is the control that everyone
runs into first: one fixed answer a prompt, which the model learns by heart.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from evenodds.train.config import Range, TrainConfig
from evenodds.train.job import Job, Method
from evenodds.train.lesson import Prompts
from evenodds.train.rows import Row, drawn_row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

Tokens = tuple[int, ...]
Answer = tuple[Tokens, float]
"""An answer's tokens, the end included, and its surprisal under the target, -ln q (nats)."""


@dataclass(frozen=True, kw_only=True)
class SftConfig(TrainConfig):
    """The options of `sft` beside those of every method.

    samples: answers a prompt, each weighted 1 / samples. fresh: whether they are drawn anew each
    time the prompt comes up; if not, they are fixed by the task's key and the seed. outcomes: how
    many outcomes of a task are spelled before the run; those of larger supports when drawn.
    """

    method: ClassVar[str] = "sft"

    beta2: float = 0.9

    samples: int = 1
    fresh: bool = True
    outcomes: int = 2000

    def _ranges(self) -> list[Range]:
        return [
            *super()._ranges(),
            ("samples", self.samples >= 1, "at least 1"),
            ("outcomes", self.outcomes >= 1, "at least 1"),
        ]


class Answers:
    """Fair answers to a task, as tokens: `draw(rng)`.

    Raises FormatError, at once for supports of up to `listed` outcomes, when the tokenizer cannot
    spell an answer.
    """

    def __init__(self, task: Task, scorer: Scorer, decoding: Decoding, listed: int) -> None:
        self.task, self.scorer, self.decoding = task, scorer, decoding
        self.known: dict[Any, Answer] = {}
        if task.law.support_size <= listed:
            self.known = {x: self.spelled(x) for x in task.law.pmf(listed)}

    def draw(self, rng: random.Random) -> Answer:
        """One answer, drawn from the target."""
        outcome = self.task.law.draw(rng)
        return self.known.get(outcome) or self.spelled(outcome)

    def spelled(self, outcome: Any) -> Answer:
        """The tokens of an outcome's canonical spelling, and its surprisal."""
        text = self.task.format.spellings(outcome)[0].removeprefix(self.decoding.prefill)
        path = self.scorer.spell(self.task.prompt, text, self.decoding)
        return path, -self.task.law.logprob(outcome)


class SftLesson:
    """A task, taught by sampled answers.

    The least value of a row's loss is, with fresh answers, their mean surprisal under the target:
    what a fair model has on these very draws, the target's entropy in the mean. With fixed ones it
    is what learning them by heart comes down to.
    """

    def __init__(self, task: Task, prompts: Prompts, answers: Answers, config: SftConfig) -> None:
        self.task, self.prompts, self.answers = task, prompts, answers
        self.samples = config.samples
        chance = random.Random(f"{config.seed} {task.key}")
        self.fixed = None if config.fresh else [answers.draw(chance) for _ in range(self.samples)]

    def row(self, rng: random.Random, noise: float = 0.0) -> Row:
        """`samples` answers after a freshly drawn prompt."""
        context = self.prompts.draw(rng, noise)
        drawn = self.fixed or [self.answers.draw(rng) for _ in range(self.samples)]
        row = drawn_row(context, [path for path, _ in drawn])
        if self.fixed:
            return row
        return replace(row, entropy=sum(surprisal for _, surprisal in drawn) / len(drawn))


def lessons(
    local: Scorer, tasks: Sequence[Task], decoding: Decoding, config: SftConfig
) -> list[SftLesson]:
    """The tasks, prepared. Raises FormatError when the tokenizer cannot spell an answer."""

    def lesson(task: Task) -> SftLesson:
        answers = Answers(task, local, decoding, config.outcomes)
        return SftLesson(task, Prompts(task, local, decoding), answers, config)

    return [lesson(task) for task in tasks]


def build(job: Job) -> Any:
    """The trainer of an `sft` run: the cross-entropy of its rows."""
    from evenodds.train.row_trainer import RowTrainer

    return RowTrainer(job)


METHOD = Method(
    "sft", "answers drawn from the target, new ones each time", SftConfig, lessons, build
)
