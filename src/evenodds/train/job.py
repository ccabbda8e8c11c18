"""A job: what a run hands to its method's trainer, all in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenodds.models.base import Decoding
from evenodds.train.clock import Clock
from evenodds.train.config import TrainConfig
from evenodds.train.events import Event, ignore
from evenodds.train.rows import Row
from evenodds.train.world import World

if TYPE_CHECKING:
    from evenodds.models.local import Local
    from evenodds.tasks.task import Task

Probe = Callable[[], dict[str, float]]


@dataclass(frozen=True)
class Job:
    """Teach `model` the targets of `tasks` as `config` says, and tell what happens.

    `local` is the model as evenodds asks it; `model` the same weights, with those that change
    marked, wrapped in adapters where LoRA is asked for. `prepared` is what the method's `prepare`
    gave. `replay` are rows to rehearse. `probe` gives named numbers; `stopped` says that somebody
    wants the run to end. `checkpoints` is where Transformers writes.
    """

    local: Local
    model: Any
    tasks: Sequence[Task]
    prepared: Any
    config: Any
    checkpoints: Path
    decoding: Decoding = field(default_factory=Decoding)
    replay: Sequence[Row] = ()
    clock: Clock = field(default_factory=Clock)
    tell: Callable[[Event], None] = ignore
    probe: Probe | None = None
    stopped: Callable[[], bool] = bool
    world: World = field(default_factory=World)


@dataclass(frozen=True)
class Method:
    """A way of teaching: its options, what it makes of the tasks, and its trainer.

    `prepare(local, tasks, decoding, config)` raises what is wrong with the tasks before anything is
    written; `build(job)` gives a trainer that is `Taught`.
    """

    name: str
    says: str
    config: type[TrainConfig]
    prepare: Callable[..., Any]
    build: Callable[[Job], Any]
