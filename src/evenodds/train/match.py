"""`match`: cross-entropy against the exact next-token target at each node of an answer's tree.

L is the mean over a step's tasks of the cross-entropy of whole answers, which is KL(target, model)
plus a constant, with no sampling noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from evenodds.train.config import Range, TrainConfig, choice
from evenodds.train.job import Job, Method
from evenodds.train.lesson import Shortened, prepare
from evenodds.train.path import Known

if TYPE_CHECKING:
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

Divergence = Literal["forward", "reverse", "js"]


@dataclass(frozen=True, kw_only=True)
class MatchConfig(TrainConfig):
    """The options of `match` beside those of every method.

    divergence: "forward" is the cross-entropy of whole answers (exact forward KL up to a constant);
    "reverse" and "js" are means over nodes. sampled: share s of the loss that is the cross-entropy
    of a freshly drawn answer, (1 - s) exact + s drawn: CE + lambda KL at s = 1 / (1 + lambda), but
    for a constant and a factor; forward only (s = 1 is `sft`). nodes: answer trees with more fed
    tokens than this are replaced, at each step, by the paths of `paths` drawn outcomes, still with
    the exact law at every node. outcomes: supports larger than this are not spelled out at all
    (path loss). length_power: p weighs each task's loss by its answers' expected tokens to the
    power -p: 0 sums over tokens, 1 means over them; between, long answers (passwords, shuffles) no
    longer drown the short ones. half: the products inside the model's layers in bfloat16, weights
    and output kept in float32 (faster on processors that know it).
    """

    method: ClassVar[str] = "match"

    beta2: float = 0.9

    divergence: Divergence = "forward"
    sampled: float = 0.0
    nodes: int = 4
    paths: int = 1
    outcomes: int = 2000
    length_power: float = 0.0
    half: bool = False

    def _ranges(self) -> list[Range]:
        forward = self.divergence == "forward"
        return [
            *super()._ranges(),
            choice(self, "divergence", Divergence),
            ("sampled", 0 <= self.sampled <= 1, "a share between 0 and 1"),
            ("sampled", not self.sampled or forward, "0 unless the divergence is forward"),
            ("nodes", self.nodes >= 1, "at least 1"),
            ("paths", self.paths >= 1, "at least 1"),
            ("outcomes", self.outcomes >= 1, "at least 1"),
            ("length_power", 0 <= self.length_power <= 1, "between 0 and 1"),
        ]


def lessons(
    local: Scorer, tasks: Sequence[Task], decoding: Decoding, config: MatchConfig
) -> list[Any]:
    """The tasks, prepared. Raises FormatError when the tokenizer cannot spell an answer."""
    known: Known = {}
    power = config.length_power
    prepared = (prepare(task, local, decoding, config, known) for task in tasks)
    return [Shortened(lesson, power) if power else lesson for lesson in prepared]


def build(job: Job) -> Any:
    """The trainer of a `match` run."""
    from evenodds.train.match_trainer import MatchTrainer

    return MatchTrainer(job)


METHOD = Method(
    "match", "the exact target at every token of an answer", MatchConfig, lessons, build
)
