"""Everything that decides what a run computes, frozen at the door: what all methods share.

Each method adds its own options in its own file (`MatchConfig` in `train/match.py`, and so on).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf
from typing import Any, ClassVar, Literal, get_args

from evenodds.errors import RunError

Schedule = Literal["constant", "linear", "cosine"]
Freeze = Literal["none", "embeddings", "lower"]
ReplayLoss = Literal["ce", "kl"]
Levels = Literal["all", "rising"]
Guard = Literal["off", "warn", "stop"]
Strategy = Literal["auto", "ddp", "fsdp"]

Range = tuple[str, bool, str]
"""An option's name, whether its value can be, and in words what it must be."""


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What every method has; two runs with equal options and tasks end in equal weights.

    Time and size
        steps: at most so many optimizer steps. seconds: at most so many CPU seconds, start to end
        of the loop (None: no limit; the learning rate then falls with whichever of the two runs
        out first). batch: prompts a step. margin: stop early when the running mean of the loss
        (over about ten steps) is within so many nats of its least possible value (None: never). Of
        `match` that difference is KL(target, model) an answer, and tv <= sqrt(KL / 2) (Pinsker):
        .0002 bounds the mean tv by .01, .005 by .05, .02 by .1. A run whose tasks cannot be learnt
        that well never meets its margin and goes on to its last step.
    Optimizer (AdamW without weight decay)
        lr: peak learning rate; schedule: how it falls to zero; warmup: steps to reach the peak;
        beta2: decay of the running mean of squared gradients, short (.9) where gradients are exact
        and runs are short; clip: largest gradient norm; average: decay of the running mean of the
        weights that becomes the final model (0: the last weights themselves).
    What is trained
        lora: rank of LoRA adapters on all linear layers, or None for full fine-tuning; freeze:
        "none", "embeddings", or "lower" (embeddings and the lower half of the layers).
    What is asked
        levels: "all" tasks from the start, or "rising", the easy ones first (see `train/order.py`).
        noise: share of prompts whose case, punctuation or filler words are varied at the start; it
        falls to none at the end, which settles the prompts as written.
    What is kept
        replay: share of the loss that goes to replayed replies; replay_rows: how many lines of
        them a step; replay_loss: "ce" to repeat the replies, "kl" to keep the untrained model's
        whole next-token laws along them. guard: what to do when the probability of right answers to
        ordinary instructions has fallen by more than `drop` at a probe.
    Bookkeeping
        seed; log_every, probe_every and checkpoint_every in steps (probe_every 0: no probes);
        report_to: a logger that Transformers knows ("tensorboard", "wandb", ...), or "none";
        strategy: how several processes share the work, "ddp" (each holds the whole model) or "fsdp"
        (each holds a part), and an error where that cannot be; "auto" takes what is there.
    """

    method: ClassVar[str] = ""

    steps: int = 450
    seconds: float | None = None
    batch: int = 8
    margin: float | None = None
    lr: float = 8e-4
    schedule: Schedule = "cosine"
    warmup: int = 10
    beta2: float = 0.999
    clip: float = 1.0
    average: float = 0.98
    lora: int | None = None
    freeze: Freeze = "none"
    levels: Levels = "all"
    noise: float = 1.0
    replay: float = 0.3
    replay_rows: int = 8
    replay_loss: ReplayLoss = "ce"
    guard: Guard = "warn"
    drop: float = 0.05
    seed: int = 0
    log_every: int = 10
    probe_every: int = 50
    checkpoint_every: int = 200
    report_to: str = "none"
    strategy: Strategy = "auto"

    def __post_init__(self) -> None:
        """Refuse numbers that no run can have; raises RunError naming the option."""
        for name, holds, wanted in self._ranges():
            if not holds:
                value = getattr(self, name)
                raise RunError(f"{name}={value!r} cannot be: it must be {wanted}")

    def _ranges(self) -> list[Range]:
        """What each option must be; a method's own config adds its own."""
        return [*self._time(), *self._optimizer(), *self._teaching(), *self._bookkeeping()]

    def _time(self) -> list[Range]:
        margin = self.margin is None or 0 <= self.margin < inf
        return [
            ("steps", self.steps >= 1, "at least 1"),
            ("seconds", self.seconds is None or 0 < self.seconds < inf, "above 0, or left out"),
            ("batch", self.batch >= 1, "at least 1"),
            ("margin", margin, "at least 0 nats, or left out"),
        ]

    def _optimizer(self) -> list[Range]:
        return [
            ("lr", 0 < self.lr < 1, "above 0 and below 1"),
            ("clip", 0 < self.clip < inf, "above 0"),
            ("warmup", self.warmup >= 0, "at least 0 steps"),
            ("beta2", 0 <= self.beta2 < 1, "at least 0 and below 1"),
            ("average", 0 <= self.average < 1, "at least 0 and below 1"),
            ("lora", self.lora is None or self.lora >= 1, "a rank of at least 1, or left out"),
            choice(self, "schedule", Schedule),
            choice(self, "freeze", Freeze),
        ]

    def _teaching(self) -> list[Range]:
        return [
            ("noise", 0 <= self.noise <= 1, "a share between 0 and 1"),
            ("replay", 0 <= self.replay < 1, "a share of at least 0 and below 1"),
            ("replay_rows", self.replay_rows >= 1, "at least 1 (replay=0 turns replay off)"),
            ("drop", 0 < self.drop <= 1, "a share above 0 and at most 1"),
            choice(self, "levels", Levels),
            choice(self, "replay_loss", ReplayLoss),
            choice(self, "guard", Guard),
        ]

    def _bookkeeping(self) -> list[Range]:
        return [
            ("log_every", self.log_every >= 1, "at least 1 step"),
            ("probe_every", self.probe_every >= 0, "at least 0 steps"),
            ("seed", 0 <= self.seed < 2**32, "at least 0 and below 2**32"),
            ("checkpoint_every", self.checkpoint_every >= 1, "at least 1 step"),
            choice(self, "strategy", Strategy),
        ]

    def to_json(self) -> dict[str, Any]:
        """The options as JSON values."""
        return asdict(self)


def choice(config: TrainConfig, name: str, words: Any) -> Range:
    """The range of an option that is one of the words of a `Literal`."""
    allowed = get_args(words)
    return name, getattr(config, name) in allowed, f"one of {', '.join(allowed)}"
