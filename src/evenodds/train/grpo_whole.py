"""A run that is asked to end does so between two generations, never within one.

Rollouts are kept in memory alone: from a checkpoint within a generation, the rest of its updates
could not be made as they would have been.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback


class WholeGenerations(TrainerCallback):
    """Puts a stop, and its checkpoint, off until each of `iterations` updates is made."""

    def __init__(self, iterations: int) -> None:
        self.iterations = iterations

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Called behind the callback that asks for the stop, which asks again after each step."""
        if state.global_step % self.iterations and state.global_step < state.max_steps:
            control.should_training_stop = control.should_save = False
