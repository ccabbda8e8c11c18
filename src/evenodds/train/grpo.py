"""`grpo`: rewards over groups of rollouts, on TRL's trainer.

TRL carries rollouts, the clipped loss and the entropy bonus. evenodds gives it the exact prompts
that it measures with, rewards over whole groups (gathered from all processes), and the witness as
the advantage itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from evenodds.errors import RunError
from evenodds.train.config import Range, Schedule, TrainConfig, choice
from evenodds.train.job import Job, Method
from evenodds.train.rewards import RewardName

if TYPE_CHECKING:
    from evenodds.models.base import Decoding
    from evenodds.models.local import Local
    from evenodds.tasks.task import Task
    from evenodds.train.lesson import Prompts
    from evenodds.train.preflight import Preflight

EntropyMode = Literal["fixed", "adaptive", "decay"]
Scale = Literal["group", "none"]
Rollouts = Literal["shared", "generate"]
Before = Literal["tell", "stop", "off"]


@dataclass(frozen=True, kw_only=True)
class GrpoConfig(TrainConfig):
    """The options of `grpo` beside those of every method.

    `batch` counts groups, one a prompt; a step has no more of them than there are tasks.

    What is rewarded
        reward: "witness", "valid", "gapo" or "group" (see `train/rewards.py`). group: rollouts a
        prompt; equal ones are computed once, so that a group of short answers costs little. scale:
        "group" divides rewards less their mean by their standard deviation, "none" does not; a
        witness is never scaled.
    The entropy bonus
        entropy: coefficient of the mean entropy of a token (nats), 0 for none; about 0.2 makes a
        die fair under the reward "valid". entropy_mode: "fixed", "adaptive" (it is the highest
        coefficient then, and applies below entropy_target, by default the mean entropy of a token
        of a fair model), or "decay" (to nothing over the run).
    How far a step may go
        clip_high: how far above 1 the probability ratio of a token may go (0.2 below); iterations:
        updates made on each generation, of which all but the first are clipped. beta: weight of
        the KL to the untrained model.
    How rollouts are had
        completion: the longest in tokens (None: the decoding's). rows: most of them in one forward
        pass. rollouts: "shared" draws a token at a time with each beginning computed once,
        "generate" as TRL does (FSDP needs that). vllm: URL of a vLLM server that generates instead.
    preflight: "tell" what it says, "stop" where there is nothing to learn from, or "off".
    """

    method: ClassVar[str] = "grpo"

    steps: int = 300
    batch: int = 4
    lr: float = 6e-5
    schedule: Schedule = "constant"
    warmup: int = 0
    noise: float = 0.0
    reward: RewardName = "witness"
    group: int = 64
    scale: Scale = "group"
    entropy: float = 0.0
    entropy_mode: EntropyMode = "fixed"
    entropy_target: float | None = None
    clip_high: float = 0.28
    iterations: int = 1
    beta: float = 0.0
    completion: int | None = None
    rows: int = 256
    rollouts: Rollouts = "shared"
    vllm: str | None = None
    preflight: Before = "tell"

    def _ranges(self) -> list[Range]:
        return [
            *super()._ranges(),
            ("margin", self.margin is None, "left out: the loss of grpo has no least value"),
            *self._rewarded(),
            *self._rolled_out(),
        ]

    def _rewarded(self) -> list[Range]:
        target = self.entropy_target
        return [
            choice(self, "reward", RewardName),
            ("group", self.group >= 2, "at least 2 rollouts"),
            choice(self, "scale", Scale),
            ("entropy", 0 <= self.entropy < inf, "at least 0"),
            choice(self, "entropy_mode", EntropyMode),
            ("entropy_target", target is None or 0 < target < inf, "above 0 nats, or left out"),
            ("clip_high", 0 < self.clip_high < inf, "above 0"),
            ("beta", 0 <= self.beta < inf, "at least 0"),
        ]

    def _rolled_out(self) -> list[Range]:
        aligned = self.iterations >= 1 and self.checkpoint_every % self.iterations == 0
        return [
            ("iterations", self.iterations >= 1, "at least 1"),
            ("checkpoint_every", aligned, f"a multiple of iterations={self.iterations}"),
            ("completion", self.completion is None or self.completion >= 1, "at least 1 token"),
            ("rows", self.rows >= 1, "at least 1"),
            choice(self, "rollouts", Rollouts),
            choice(self, "preflight", Before),
        ]


@dataclass(frozen=True)
class Asked:
    """What `grpo` makes of the tasks: prompts, what a preflight found, the entropy to steer to."""

    prompts: Sequence[Prompts]
    before: Preflight | None
    entropy_target: float


def prepare(local: Local, tasks: Sequence[Task], decoding: Decoding, config: GrpoConfig) -> Asked:
    """The tasks, prepared, and the preflight. Raises RunError where a run makes no sense."""
    from evenodds.train.entropy_bonus import entropy_target
    from evenodds.train.lesson import Prompts
    from evenodds.train.preflight import preflight
    from evenodds.train.rollout_server import check_server

    _check_plain(decoding)
    if config.vllm is not None:
        check_server(config.vllm, on_cpu=local.model.device.type == "cpu")
    before = None
    if config.preflight != "off":
        arm = (config.group, config.reward)
        chances = {"seed": config.seed, "entropy": config.entropy}
        before = preflight(local, tasks, decoding, *arm, **chances)  # type: ignore[arg-type]
        if config.preflight == "stop" and not before.learns:
            raise RunError(f"{before.says} (preflight=tell trains nevertheless)")
    wanted = config.entropy_target
    if wanted is None and config.entropy_mode == "adaptive":
        wanted = entropy_target(tasks, local, decoding)
    return Asked([Prompts(task, local, decoding) for task in tasks], before, wanted or 0.0)


def _check_plain(decoding: Decoding) -> None:
    if not decoding.is_plain:
        raise RunError(
            "grpo draws from the policy itself, and this decoding changes it: leave temperature, "
            "top_k, top_p and min_p as they are"
        )


def build(job: Job) -> Any:
    """The trainer of a `grpo` run. Raises RunError where TRL is missing."""
    try:
        from evenodds.train.grpo_trainer import GrpoTrainer
    except ImportError as missing:
        raise RunError("grpo needs TRL: run `pip install 'evenodds[train]'`.") from missing
    return GrpoTrainer(job)


METHOD = Method("grpo", "rewards over groups of rollouts, on TRL", GrpoConfig, prepare, build)
