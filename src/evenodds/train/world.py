"""The processes of a run: one, or those that `torchrun` started, each with its rank.

The first process writes and tells; all of them compute, each its share of every step.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from evenodds.errors import RunError

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

    def has_work(self, batch: int) -> None:
        """Raise RunError when a step has fewer prompts than there are processes."""
        if batch < self.size:
            raise RunError(
                f"batch={batch} leaves some of {self.size} processes without a prompt: "
                f"give a batch of {self.size} or more, or start fewer processes"
            )

    def join(self, *, on_cpu: bool) -> None:
        """Find the other processes, over gloo between CPUs and over NCCL between GPUs.

        Raises RunError when fewer came together than the launcher promised.
        """
        if self.size == 1:
            return
        from accelerate import PartialState

        found = PartialState(cpu=on_cpu).num_processes
        if found != self.size:
            raise RunError(
                f"{self.size} processes were started and {found} came together: start them with "
                "`torchrun --nproc-per-node N -m evenodds train ...`"
            )

    def agreed(self, value: T) -> T:
        """The first process's `value`, at every process; all of them must ask."""
        if self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        found = [value]
        broadcast_object_list(found, from_process=0)
        return found[0]

    def anyones(self, value: T | None) -> T | None:
        """What the lowest rank with a `value` has, at every process; None where none has one."""
        if self.size == 1:
            return value
        from accelerate.utils import gather_object

        return next((found for found in gather_object([value]) if found is not None), None)

    def wait(self) -> None:
        """Until every process is here."""
        if self.size > 1:
            from accelerate import PartialState

            PartialState().wait_for_everyone()

    def leave(self) -> None:
        """Take leave of the other processes: nothing is to be done together any more."""
        if self.size > 1:
            from torch import distributed

            if distributed.is_available() and distributed.is_initialized():
                distributed.destroy_process_group()

    def speaks(self) -> bool:
        """True for the first process that asks, whichever it is, so that an error is told once.

        True as well where the launcher's store cannot be reached.
        """
        return self.size == 1 or _claim(f"evenodds/{os.environ.get('TORCHELASTIC_RESTART_COUNT')}")


def _claim(word: str) -> bool:
    """Whether nobody else has claimed `word` from the store that `torchrun` keeps."""
    try:
        from torch.distributed import TCPStore

        host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        store: Any = TCPStore(host, port, is_master=False, timeout=timedelta(seconds=5))
        return bool(store.add(word, 1) == 1)
    except (KeyError, ValueError, ImportError, RuntimeError):
        return True
