"""`option_b`: cross-entropy plus lambda times a KL that is estimated from the model's own answers.

Option B of the project's discussion document: "generate K samples per prompt during training,
measure KL divergence between model distribution and target, loss = CE loss + lambda * KL". The
cross-entropy is that of `sft`, on freshly drawn fair answers. The KL is KL(model, target), the only
one that samples of the model can estimate without bias: the mean of ln p(x) - ln q~(x).

The target gives nothing to what is no answer, so q~ is the target mixed with a little of the law
that takes each token at even odds: q~(x) = (1 - floor) q(x) + floor V^-length. A constant in its
place, however low, would be no law, and long babble, which is even less likely, the best reply.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p
from typing import TYPE_CHECKING, Any, ClassVar

from evenodds.errors import FormatError, ModelError, RunError
from evenodds.tasks.answer import Hit
from evenodds.train.config import Range
from evenodds.train.job import Job, Method
from evenodds.train.lesson import Prompts
from evenodds.train.sft import Answers, SftConfig, SftLesson, Tokens

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class OptionBConfig(SftConfig):
    """The options of `option_b` beside those of `sft`.

    answers: K, how many answers the model gives to each prompt of a step. kl: lambda, the weight of
    the estimated KL. floor: share of the target that goes to even odds over all strings of tokens.
    tokens: where an answer that does not end is cut off.
    """

    method: ClassVar[str] = "option_b"

    answers: int = 8
    kl: float = 1.0
    floor: float = 1e-4
    tokens: int = 64

    def _ranges(self) -> list[Range]:
        return [
            *super()._ranges(),
            ("answers", self.answers >= 2, "at least 2 (each is the others' baseline)"),
            ("kl", 0 <= self.kl < inf, "at least 0"),
            ("floor", 0 < self.floor < 1, "a share above 0 and below 1"),
            ("tokens", self.tokens >= 1, "at least 1"),
        ]


class OptionBLesson(SftLesson):
    """A task, taught by sampled answers, that also knows how likely q~ makes any reply."""

    def __init__(
        self, task: Task, prompts: Prompts, answers: Answers, config: OptionBConfig
    ) -> None:
        super().__init__(task, prompts, answers, config)
        self.floor = config.floor
        self.laid = {path: -surprisal for path, surprisal in answers.known.values()}
        _check(task, answers, config.tokens)

    def logprob(self, path: Tokens, vocabulary: int) -> float:
        """ln q~ of a reply's tokens (nats), for so many tokens to choose from."""
        even = log(self.floor) - len(path) * log(vocabulary)
        known = self._known(path)
        return even if known is None else _log_sum(log1p(-self.floor) + known, even)

    def _known(self, path: Tokens) -> float | None:
        """ln q: that of the outcome which these tokens spell canonically; None if there is none."""
        if self.laid:
            return self.laid.get(path)
        answer = self.task.parse(self.answers.scorer.text(path))
        if not isinstance(answer, Hit):
            return None
        try:
            spelled, surprisal = self.answers.spelled(answer.outcome)
        except (FormatError, ModelError):
            return None
        return -surprisal if spelled == path else None


def _check(task: Task, answers: Answers, tokens: int) -> None:
    """Refuse to cut off fair answers: of a long list all are looked at, else a few drawn ones."""
    chance = random.Random(task.key)
    fair = list(answers.known.values()) or [answers.draw(chance) for _ in range(8)]
    longest = max(len(path) for path, _ in fair)
    if longest > tokens:
        raise RunError(
            f"tokens={tokens} would cut off fair answers to {task.prompt[:40]!r}, which have "
            f"{longest} tokens: set tokens to more than the longest answer"
        )


def _log_sum(one: float, other: float) -> float:
    return max(one, other) + log1p(exp(-abs(one - other)))


def lessons(
    local: Scorer, tasks: Sequence[Task], decoding: Decoding, config: OptionBConfig
) -> list[OptionBLesson]:
    """The tasks, prepared.

    Raises FormatError when the tokenizer cannot spell an answer, RunError when `tokens` cuts it.
    """

    def lesson(task: Task) -> OptionBLesson:
        answers = Answers(task, local, decoding, config.outcomes)
        return OptionBLesson(task, Prompts(task, local, decoding), answers, config)

    return [lesson(task) for task in tasks]


def build(job: Job) -> Any:
    """The trainer of an `option_b` run."""
    from evenodds.train.option_b_trainer import OptionBTrainer

    return OptionBTrainer(job)


METHOD = Method(
    "option_b",
    "sampled answers, and KL estimated from the model's own",
    OptionBConfig,
    lessons,
    build,
)
