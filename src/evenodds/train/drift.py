"""The drift guard: what a run says when ordinary instructions fall while it teaches."""

from __future__ import annotations

from typing import Any

from evenodds.train.config import TrainConfig

CONTROL = "control"
"""The name under which a probe gives what is left of ordinary instructions, from 0 to 1."""


class Drift:
    """Compares the control of each probe with that of the first, and speaks once a crossing.

    `before` is the first probe's control; `fallen` says that the last one was more than
    `config.drop` below it.
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.before: float | None = None
        self.fallen = False

    def see(self, control: float | None) -> str | None:
        """Take in a probe's control; the warning, where it is the first below the line."""
        if control is None or self.config.guard == "off":
            return None
        if self.before is None:
            self.before = control
        was, self.fallen = self.fallen, control < self.before - self.config.drop
        return self.says(control) if self.fallen and not was else None

    @property
    def stops(self) -> bool:
        """Whether the run should end here."""
        return self.fallen and self.config.guard == "stop"

    def says(self, control: float) -> str:
        """What fell, and what to do."""
        return (
            f"ordinary instructions fell from {self.before:.2f} to {control:.2f}, by more than "
            f"{self.config.drop:g}: {self._advice()}"
        )

    def _advice(self) -> str:
        share = self.config.replay
        more = (
            f"more replay (--replay {min(0.9, share + 0.2):.1f})" if share else "add --replay 0.3"
        )
        lora = "" if self.config.lora else ", or train an adapter (--lora 8)"
        return f"{more}, lower the learning rate (--lr {self.config.lr / 3:.1g}){lora}"

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"before": self.before, "fallen": self.fallen}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take up what `state` kept."""
        self.before, self.fallen = kept["before"], kept["fallen"]
