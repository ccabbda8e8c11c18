"""`evenodds train MODEL`: teach a model the targets of a suite; leave a model and its record."""

from __future__ import annotations

import json
import math
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenodds.cli.options import MOST_SEED
from evenodds.errors import RunError
from evenodds.train.world import World

if TYPE_CHECKING:
    from evenodds.models.local import Local
    from evenodds.tasks.task import Task
    from evenodds.train.config import TrainConfig
    from evenodds.train.events import Event
    from evenodds.train.replay import Exchange
    from evenodds.train.run import Trained

PROBED = 6


def train(
    model: Annotated[
        str, typer.Argument(help="tiny, a Hugging Face id, or a folder.", show_default="none")
    ] = "",
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the run.", show_default="none")
    ] = None,
    method: Annotated[str, typer.Option(help="How to teach; --methods lists them.")] = "match",
    suite: Annotated[str, typer.Option(help="die, coin, core, or a file of tasks.")] = "die",
    representation: Annotated[
        list[str] | None,
        typer.Option(help="Of a corpus only tasks that are implicit, stated or both; repeatable."),
    ] = None,
    level: Annotated[
        list[int] | None, typer.Option(help="Only tasks of this level, 1 to 4; repeatable.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only random or deterministic tasks.")] = None,
    lora: Annotated[int | None, typer.Option(help="Train LoRA adapters of this rank.")] = None,
    steps: Annotated[int | None, typer.Option(help="At most so many steps.")] = None,
    seconds: Annotated[float | None, typer.Option(help="At most so many CPU seconds.")] = None,
    margin: Annotated[
        float | None, typer.Option(help="Stop this many nats above the target's entropy.")
    ] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    batch: Annotated[int | None, typer.Option(help="Tasks a step.")] = None,
    freeze: Annotated[str | None, typer.Option(help="none, embeddings or lower.")] = None,
    average: Annotated[float | None, typer.Option(help="Decay of the mean of weights.")] = None,
    levels: Annotated[str | None, typer.Option(help="all, or rising: easy ones first.")] = None,
    noise: Annotated[float | None, typer.Option(help="Share of prompts that are varied.")] = None,
    replay: Annotated[float | None, typer.Option(help="Share of the loss on replay.")] = None,
    replay_file: Annotated[
        Path | None, typer.Option(help="JSONL of prompt and completion to rehearse.")
    ] = None,
    replay_loss: Annotated[str | None, typer.Option(help="ce or kl.")] = None,
    guard: Annotated[
        str | None, typer.Option(help="If ordinary instructions fall: off, warn or stop.")
    ] = None,
    report_to: Annotated[str | None, typer.Option(help="A logger, such as tensorboard.")] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any option of the method; repeatable."),
    ] = None,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    prefill: Annotated[str, typer.Option(help="Text the reply is made to begin with.")] = "",
    template: Annotated[
        list[str] | None,
        typer.Option(help="Chat-template argument, such as enable_thinking=false; repeatable."),
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, ...")] = None,
    dtype: Annotated[str | None, typer.Option(help="float32, bfloat16 or float16.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the run.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
    options: Annotated[
        bool, typer.Option("--options", help="List the method's options and stop.")
    ] = False,
    methods: Annotated[bool, typer.Option("--methods", help="List the methods and stop.")] = False,
) -> None:
    """Teach a model to answer the tasks of a suite with fair odds."""
    from evenodds.cli.measure_options import arguments
    from evenodds.cli.train_options import configured, print_methods, print_options
    from evenodds.models.base import Decoding
    from evenodds.models.load import load_model
    from evenodds.train.control import control
    from evenodds.train.probe import probe
    from evenodds.train.run import train as teach

    if methods or options:
        print_methods() if methods else print_options(method)
        return
    flags = {
        "lora": lora, "steps": steps, "seconds": seconds, "margin": margin, "lr": lr,
        "batch": batch, "freeze": freeze, "average": average, "levels": levels, "noise": noise,
        "replay": replay, "replay_loss": replay_loss, "guard": guard, "report_to": report_to,
    }  # fmt: skip
    config = configured(method, flags, sets or [], seed)
    if not model:
        raise RunError("there is no model to train: give tiny, a Hugging Face id, or a folder")
    if out is None:
        raise RunError("there is no folder for the run: give one with --out")
    decoding = Decoding(system=system, prefill=prefill, template=arguments(template or []))
    tasks = _tasks(suite, representation or (), level or (), kind)
    local = load_model(model, device=device, dtype=dtype)
    taught = [task for task in tasks if task.split == "train"]
    world, replayed = World.here(), _exchanges(local, replay_file, config)
    kept = control(local, decoding, config.seed, replayed)
    with _picture(taught, config, quiet=as_json or not world.first) as see:
        trained = teach(
            local,
            taught,
            config,
            out,
            replay=replayed,
            decoding=decoding,
            probe=probe(local, tasks, decoding, PROBED, kept),
            on_event=see,
            resume=resume,
            command=shlex.join(["evenodds", *sys.argv[1:]]),
        )
    world.leave()
    _tell(trained, out, as_json=as_json, first=world.first)


def _tasks(
    suite: str, representations: Sequence[str], levels: Sequence[int], kind: str | None
) -> Sequence[Task]:
    """The tasks of a suite, or those that are wanted."""
    from evenodds.corpus.select import select

    kinds = [kind] if kind else []
    return select(suite, representations=representations, levels=levels, kinds=kinds).tasks


def _exchanges(local: Local, file: Path | None, config: TrainConfig) -> Sequence[Exchange]:
    """What is rehearsed: the user's file, or what the model knows (see `cli/ordinary.py`)."""
    from evenodds.cli.ordinary import rehearsal
    from evenodds.train.replay import read_exchanges

    if file is not None:
        return read_exchanges(file)
    return rehearsal(local, config.seed) if config.replay else []


@contextmanager
def _picture(
    tasks: Sequence[Task], config: TrainConfig, *, quiet: bool
) -> Iterator[Callable[[Event], None]]:
    """The listener that shows the run as it goes; one that shows nothing where JSON is wanted."""
    if quiet:
        yield lambda event: None
        return
    from evenodds.report.live import Training
    from evenodds.report.terminal import console

    with Training(console(), _shown(tasks), config.steps) as picture:
        yield picture.see


def _shown(tasks: Sequence[Task]) -> dict[str, float] | None:
    """The law of the first random task, which the probe tells of too; None for a long one."""
    law = next((task.law for task in tasks if task.kind == "random"), None)
    if law is None or law.support_size > 20:
        return None
    return {str(outcome): float(p) for outcome, p in law.pmf(20).probs().items()}


def _tell(trained: Trained, out: Path, *, as_json: bool, first: bool = True) -> None:
    """Say how the run ended, in the first of its processes; exit 130 when it was interrupted."""
    if trained.reason == "interrupted":
        if first:
            print(
                f"evenodds: interrupted after step {trained.step}; a checkpoint is kept in {out}: "
                "run the same command with --resume to go on",
                file=sys.stderr,
            )
        raise typer.Exit(130)
    if not first:
        return
    if trained.says and as_json:
        print(f"evenodds: {trained.says}", file=sys.stderr)
    if as_json:
        loss = None if math.isnan(trained.loss) else trained.loss
        print(json.dumps({**vars(trained), "model": str(trained.model), "loss": loss}, indent=2))
        return
    print(
        f"  trained for {trained.step} steps, {trained.seconds:.1f} CPU seconds "
        f"(ended by {trained.reason}); the model is in {trained.model}"
    )
