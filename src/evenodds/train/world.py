"""The processes of a run: one, or those that `torchrun` started, each with its rank.

The first process writes and decides; the others compute.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """This process's number among `size` processes."""

    rank: int = 0
    size: int = 1

    @classmethod
    def here(cls) -> World:
        """The world that `torchrun` tells of in RANK and WORLD_SIZE; else this process alone."""
        return cls(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))

    @property
    def first(self) -> bool:
        """True for the process that writes."""
        return self.rank == 0

    def share(self, things: Sequence[T]) -> Sequence[T]:
        """Every `size`-th of `things`, from this rank's on: all shares are the whole."""
        return things[self.rank :: self.size]

    def agreed(self, value: Any) -> Any:
        """The first process's `value`, at every process; all of them must ask."""
        if self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        found = [value]
        broadcast_object_list(found, from_process=0)
        return found[0]

    def wait(self) -> None:
        """Until every process is here."""
        if self.size > 1:
            from accelerate import PartialState

            PartialState().wait_for_everyone()
