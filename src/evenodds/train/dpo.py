"""`dpo`: an answer that the model gives too seldom preferred to one that it gives too often.

At a prompt with fair law q and model law p, the preferred answer is drawn in proportion to
(q - p)+, the rejected one in proportion to (p - q)+: the coupling that moves least mass, tv(q, p)
of it. p is exact, from the token trie. An invalid answer is rejected at the token with which it
leaves the trie; its mass counts in p. The loss of a step is

    L = (2 / beta) tv mean over pairs of -log sigmoid(beta (log p(c)/ref(c) - log p(r)/ref(r)))

(Rafailov et al. 2023, equation 7), tv the mean over the step's prompts, which also say how many of
the pairs each of them gets.

The fixed point. The ways to leave the trie and the answers in it part all that the model can say,
so sum p grad log p over them is zero, and with fresh pairs (p and the reference are the model
itself) the mean gradient is -sum (q - p) grad log p = grad KL(q, p): the very step of `match`, with
noise that vanishes at p = q, the only fixed point. With the untrained model as the reference each
pair has the weight sigmoid(-beta D) > 0 besides, D what the pair has moved so far. KL(q, p) still
falls along the flow of a softmax policy, and p = q is still the only fixed point, but pairs that
have moved far slow down. Pairs that are NOT refreshed have no such point: their loss falls for
ever, the preferred answers end with all the mass, so `refresh` is short. After 80 steps on one die
prompt of `tiny` tv was .004 with fresh pairs and either reference, .09 (beta .1) or .05 (beta 1)
with refresh 8, and .998 with the first pairs for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from evenodds.tasks.trie import token_trie
from evenodds.train.config import Range, TrainConfig, choice
from evenodds.train.job import Job, Method
from evenodds.train.lesson import Prompts, Targets
from evenodds.train.rows import Row, trie_row

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

Reference = Literal["round", "untrained"]


@dataclass(frozen=True, kw_only=True)
class DpoConfig(TrainConfig):
    """The options of `dpo` beside those of every method.

    pairs: how many a step for each of its prompts, on average. refresh: new pairs every so many
    steps. reference: "round", the model as it was when the pairs were drawn, or "untrained". beta:
    how soon a pair counts as learnt (it does not scale the step). outcomes: supports larger than
    this are not laid out; there a fair draw is preferred to a draw of the model's own, which has
    the same mean gradient and more noise.
    """

    method: ClassVar[str] = "dpo"

    steps: int = 150
    pairs: int = 1
    refresh: int = 1
    reference: Reference = "round"
    beta: float = 1.0
    outcomes: int = 100

    def _ranges(self) -> list[Range]:
        return [
            *super()._ranges(),
            ("pairs", self.pairs >= 1, "at least 1"),
            ("refresh", self.refresh >= 1, "at least 1 step"),
            choice(self, "reference", Reference),
            ("beta", 0 < self.beta < inf, "above 0"),
            ("outcomes", self.outcomes >= 1, "at least 1"),
        ]


@dataclass(frozen=True)
class Question:
    """A task as `dpo` asks it: its prompts, and its trie where that can be laid out."""

    task: Task
    prompts: Prompts
    trie: Row | None


def questions(
    local: Scorer, tasks: Sequence[Task], decoding: Decoding, config: DpoConfig
) -> list[Question]:
    """The tasks, prepared. Raises FormatError when the tokenizer cannot spell an answer."""
    return [_question(task, local, decoding, config.outcomes) for task in tasks]


def _question(task: Task, scorer: Scorer, decoding: Decoding, limit: int) -> Question:
    prompts = Prompts(task, scorer, decoding)
    if task.law.support_size > limit:
        return Question(task, prompts, None)
    trie = token_trie(task, scorer, decoding, limit=limit)
    return Question(task, prompts, trie_row((), Targets(trie)))


def build(job: Job) -> Any:
    """The trainer of a `dpo` run."""
    from evenodds.train.dpo_trainer import DpoTrainer

    return DpoTrainer(job)


METHOD = Method(
    "dpo", "an answer given too seldom against one given too often", DpoConfig, questions, build
)
