"""Everything that decides what a `match` run computes, frozen at the door."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf
from typing import Any, Literal, get_args

from evenodds.errors import RunError

Divergence = Literal["forward", "reverse", "js"]
Schedule = Literal["constant", "linear", "cosine"]
Freeze = Literal["none", "embeddings", "lower"]
ReplayLoss = Literal["ce", "kl"]
CHOICES = {
    "schedule": get_args(Schedule),
    "freeze": get_args(Freeze),
    "divergence": get_args(Divergence),
    "replay_loss": get_args(ReplayLoss),
}


@dataclass(frozen=True)
class MatchConfig:
    """The options of a `match` run; two runs with equal options and tasks end in equal weights.

    Time and size
        steps: at most so many optimizer steps. seconds: at most so many CPU seconds, start to end
        of the loop (None: no limit; the learning rate then falls with whichever of the two runs
        out first). batch: tasks a step. margin: stop early when the running mean of the loss is
        within so many nats of the target's entropy (None: never).
    Optimizer (AdamW without weight decay)
        lr: peak learning rate; schedule: how it falls to zero; warmup: steps to reach the peak;
        clip: largest gradient norm; average: decay of the running mean of the weights that becomes
        the final model (0: the last weights themselves).
    What is trained
        lora: rank of LoRA adapters on all linear layers, or None for full fine-tuning; freeze:
        "none", "embeddings", or "lower" (embeddings and the lower half of the layers).
    What is taught
        divergence: "forward" is the cross-entropy of whole answers (exact forward KL up to a
        constant); "reverse" and "js" are means over nodes. nodes: answer trees with more fed
        tokens than this are replaced, at each step, by the paths of `paths` drawn outcomes, still
        with the exact law at every node. outcomes: supports larger than this are not spelled out
        at all (path loss). noise: share of prompts whose case, punctuation or filler words are
        varied at the start; it falls to none at the end, which settles the prompts as written.
    What is kept
        replay: share of the loss that goes to replayed replies; replay_rows: how many lines of
        them a step; replay_loss: "ce" to repeat the replies, "kl" to keep the untrained model's
        whole next-token laws along them.
    Bookkeeping
        seed; log_every, probe_every and checkpoint_every in steps (probe_every 0: no probes).
    """

    steps: int = 450
    seconds: float | None = None
    batch: int = 8
    margin: float | None = None
    lr: float = 8e-4
    schedule: Schedule = "cosine"
    warmup: int = 10
    clip: float = 1.0
    average: float = 0.98
    lora: int | None = None
    freeze: Freeze = "none"
    divergence: Divergence = "forward"
    nodes: int = 4
    paths: int = 1
    outcomes: int = 2000
    noise: float = 1.0
    replay: float = 0.3
    replay_rows: int = 8
    replay_loss: ReplayLoss = "ce"
    seed: int = 0
    log_every: int = 10
    probe_every: int = 50
    checkpoint_every: int = 200

    def __post_init__(self) -> None:
        """Refuse numbers that no run can have; raises RunError naming the option."""
        for name, holds, wanted in self._ranges():
            if not holds:
                value = getattr(self, name)
                raise RunError(f"{name}={value!r} cannot be: it must be {wanted}")

    def _ranges(self) -> list[tuple[str, bool, str]]:
        return [
            ("steps", self.steps >= 1, "at least 1"),
            ("seconds", self.seconds is None or 0 < self.seconds < inf, "above 0, or left out"),
            ("batch", self.batch >= 1, "at least 1"),
            (
                "margin",
                self.margin is None or 0 <= self.margin < inf,
                "at least 0 nats, or left out",
            ),
            ("lr", 0 < self.lr < 1, "above 0 and below 1"),
            ("clip", 0 < self.clip < inf, "above 0"),
            ("warmup", self.warmup >= 0, "at least 0 steps"),
            ("average", 0 <= self.average < 1, "at least 0 and below 1"),
            ("lora", self.lora is None or self.lora >= 1, "a rank of at least 1, or left out"),
            ("nodes", self.nodes >= 1, "at least 1"),
            ("paths", self.paths >= 1, "at least 1"),
            ("noise", 0 <= self.noise <= 1, "a share between 0 and 1"),
            ("replay", 0 <= self.replay < 1, "a share of at least 0 and below 1"),
            ("replay_rows", self.replay_rows >= 1, "at least 1 (replay=0 turns replay off)"),
            ("log_every", self.log_every >= 1, "at least 1 step"),
            ("probe_every", self.probe_every >= 0, "at least 0 steps"),
            ("seed", 0 <= self.seed < 2**32, "at least 0 and below 2**32"),
            *(_choice(self, name, words) for name, words in CHOICES.items()),
            ("checkpoint_every", self.checkpoint_every >= 1, "at least 1 step"),
        ]

    def to_json(self) -> dict[str, Any]:
        """The options as JSON values."""
        return asdict(self)


def _choice(config: MatchConfig, name: str, words: tuple[str, ...]) -> tuple[str, bool, str]:
    return name, getattr(config, name) in words, f"one of {', '.join(words)}"
