"""What becomes of a process when another process of the run is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from evenodds.errors import RunError
from evenodds.train.world import World

_LOST = ("Connection closed by peer", "Connection reset by peer", "Broken pipe", "gloo/transport")
"""What gloo says in a RuntimeError when the process at the other end has ended."""


@contextmanager
def in_company() -> Iterator[None]:
    """Within the block a broken connection to another process raises RunError, and none waits.

    The process that failed has told why before it ended (see `World.speaks`); where it was killed
    the message of this error is the one that is told.
    """
    world = World.here()
    try:
        yield
    except RuntimeError as error:
        if world.size == 1 or not _is_lost(error):
            raise
        raise RunError(
            f"another of the {world.size} processes ended, so process {world.rank} stopped too; "
            "the launcher names the one that failed first, and --resume goes on from the last "
            "whole checkpoint"
        ) from error


def _is_lost(error: RuntimeError) -> bool:
    from torch.distributed import DistError

    return isinstance(error, DistError) or any(words in str(error) for words in _LOST)
