"""A whole run, whatever its method: prepare, train or resume, save what Transformers loads."""

from __future__ import annotations

import hashlib
import json
import math
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from evenodds.errors import RunError
from evenodds.models.base import Decoding
from evenodds.train.card import card
from evenodds.train.clock import Clock
from evenodds.train.config import TrainConfig
from evenodds.train.events import Event, Listener, Metrics, ignore, read_metrics
from evenodds.train.folder import RunFolder
from evenodds.train.job import Job, Probe
from evenodds.train.loggers import check_logger
from evenodds.train.methods import method
from evenodds.train.peers import in_company
from evenodds.train.precision import widened
from evenodds.train.replay import Exchange, replay_rows
from evenodds.train.strategy import check, in_force, possible, whole_state
from evenodds.train.trainable import make_trainable
from evenodds.train.world import World

if TYPE_CHECKING:
    from evenodds.models.local import Local
    from evenodds.tasks.task import Task

Reason = Literal["steps", "seconds", "margin", "drift", "interrupted", "finished"]


@dataclass(frozen=True)
class Trained:
    """How a run ended: where its model is, after how many steps and CPU seconds, and why.

    `loss` is the last logged mean in nats an answer. `reason` is "interrupted" when a checkpoint
    was written and no model yet, "finished" when the folder already held the final model. `says` is
    what the drift guard had to say, if anything.
    """

    model: Path
    step: int
    seconds: float
    loss: float
    reason: Reason
    says: str = ""


@in_company()
def train(
    local: Local,
    tasks: Sequence[Task],
    config: TrainConfig,
    out: str | Path,
    *,
    replay: Sequence[Exchange] = (),
    decoding: Decoding | None = None,
    probe: Probe | None = None,
    on_event: Listener = ignore,
    resume: bool = False,
    command: str = "",
) -> Trained:
    """Teach `local` (changed in place) the targets of `tasks`; write the run folder `out`.

    The method is the one that `config` belongs to. `tasks` are used whole: choose the train split
    before. `replay` are ordinary replies to keep. `probe` gives named numbers (an exact tv, say)
    every `config.probe_every` steps. Under `torchrun` every process calls this, and the first one
    writes. Raises RunError for an empty list of tasks or a folder that cannot serve, FormatError
    for an unspellable answer. A run that diverges (its loss is no number, or stays far above where
    it began) raises RunError; it leaves its last whole checkpoint and no model.
    """
    clock, world = Clock(), World.here()
    if not tasks:
        raise RunError("there is no task to train on: the suite's train split is empty")
    check_logger(config.report_to)
    possible(config, world, on_cpu=_is_on_cpu(local))
    world.join(on_cpu=_is_on_cpu(local))
    decoding, taught = decoding or Decoding(), method(config.method)
    replay, folder = world.agreed(list(replay)), RunFolder(out)
    identity = _identity(local, tasks, config, replay, decoding)
    folder.open(identity, resume=resume)
    if folder.finished:
        return _finished(folder)
    prepared = taught.prepare(local, tasks, decoding, config)
    rows = replay_rows(replay, local, decoding) if replay and config.replay else []
    metrics = Metrics(folder.metrics, on_event)
    with _interruptible() as stopped, _quiet():
        world.wait()  # each has opened the folder before one writes to it
        job = Job(
            local,
            _prepared(local, config),
            tasks,
            prepared,
            config,
            folder.checkpoints,
            decoding,
            rows,
            clock,
            metrics.tell,
            probe,
            stopped,
            world,
        )
        with folder.unclaimed():
            trainer = taught.build(job)
            check(config, trainer.accelerator)
        if in_force(trainer.accelerator) == "fsdp":
            local.model = job.model  # measured through the module that gathers the weights
        with _writing(folder):
            if world.first:
                folder.claim(identity)
            world.wait()
            checkpoint = world.agreed(folder.checkpoint() if world.first else None)
            _begin(trainer, metrics, checkpoint)
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.job.model.eval()
    if trainer.watch.reason == "diverged":
        raise RunError(_fallen_apart(trainer, folder))
    if trainer.watch.reason == "interrupted":
        return _trained(trainer, folder)
    trainer.average.settle()
    return _save(trainer, folder, metrics, command)


def _prepared(local: Local, config: TrainConfig) -> Any:
    """The model with the chosen weights trainable."""
    import torch

    torch.manual_seed(config.seed)  # LoRA's adapters begin with random weights
    with _quiet():
        return make_trainable(widened(local.model, config), config)


def _identity(
    local: Local,
    tasks: Sequence[Task],
    config: TrainConfig,
    replay: Sequence[Exchange],
    decoding: Decoding,
) -> dict[str, Any]:
    """What makes a run this run: everything that its final weights depend on."""
    return {
        "method": config.method,
        "model": local.name,
        "tasks": _digest([task.key for task in tasks]),
        "replayed": _digest([[e.prompt, e.reply] for e in replay]) if replay else None,
        "decoding": decoding.to_json(),
        **{name: value for name, value in config.to_json().items() if name != "strategy"},
    }


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _is_on_cpu(local: Local) -> bool:
    return bool(next(local.model.parameters()).device.type == "cpu")


def _begin(trainer: Any, metrics: Metrics, checkpoint: Path | None) -> None:
    first = trainer.job.world.first
    if checkpoint is None:
        if first:
            metrics.rewind(-1)
        trainer.watch.tell("start", 0, {})
        if found := trainer.preflight():
            trainer.watch.tell("preflight", 0, found)
        trainer.watch.measure(0)
        return
    if first:
        metrics.rewind(int(checkpoint.name.rpartition("-")[2]))
    trainer.restore(checkpoint)


def _save(trainer: Any, folder: RunFolder, metrics: Metrics, command: str) -> Trained:
    """The final model, its card, and the last events."""
    done = _trained(trainer, folder)
    trainer.watch.measure(done.step)
    state = whole_state(trainer.accelerator, trainer.job.model)
    if not trainer.job.world.first:
        trainer.job.world.wait()
        return done
    identity = json.loads(folder.config.read_text("utf-8"))
    readme = card(identity, done, command, read_metrics(folder.metrics))

    def write(path: Path) -> None:
        trainer.job.model.save_pretrained(path, state_dict=state)
        trainer.job.local.tokenizer.save_pretrained(path)
        (path / "README.md").write_text(readme, "utf-8")

    with _quiet(), _writing(folder):
        folder.save_model(write)
    values: dict[str, float | str | None] = {"reason": done.reason, "loss": done.loss}
    metrics.tell(Event("done", done.step, trainer.clock.seconds(), values))
    trainer.job.world.wait()
    return done


def _trained(trainer: Any, folder: RunFolder) -> Trained:
    reason: Any = trainer.watch.reason
    step, loss = trainer.state.global_step, trainer.watch.last_loss
    return Trained(folder.model, step, trainer.clock.seconds(), loss, reason, trainer.watch.says)


def _fallen_apart(trainer: Any, folder: RunFolder) -> str:
    """What a run that diverged says: no model is written, the last whole checkpoint stays."""
    kept = folder.checkpoint()
    left = f"{kept.name} is kept in {folder.path}" if kept else "it left no checkpoint"
    return f"{trainer.watch.says}, in another folder; no model was written, {left}"


def _finished(folder: RunFolder) -> Trained:
    last = read_metrics(folder.metrics)[-1]
    loss = last.values.get("loss")
    value = float(loss) if isinstance(loss, int | float) else math.nan
    return Trained(folder.model, last.step, last.seconds, value, "finished")


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Within the block the first Ctrl-C (or SIGTERM) asks the run to stop after its step.

    A second one interrupts at once. Outside the main thread signals are left alone.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(number: int, frame: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    former = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _writing(folder: RunFolder) -> Iterator[None]:
    """Turn what torch and safetensors raise for a full disk into a message; keep nothing torn."""
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, OSError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "PytorchStreamWriter" not in str(error):
            raise
        folder.checkpoint()  # removes the one that was not finished
        raise RunError(
            f"{folder.path} could not be written ({str(error).splitlines()[0]}); free some space "
            "and repeat it (evenodds train goes on from its last whole checkpoint with --resume)"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Transformers' and torch's remarks about a loop that is none of the user's business."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    bars = logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
