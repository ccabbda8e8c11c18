"""`evenodds demo`: a model that cannot roll a die, measured, taught, and measured again."""

import io
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.demo_story import Demo, Measured, demo_story
from evenodds.cli.options import MOST_SEED
from evenodds.errors import RunError

if TYPE_CHECKING:
    from rich.console import Console

    from evenodds.cli.ordinary import Asked
    from evenodds.models.local import Local
    from evenodds.report.story import Story
    from evenodds.tasks.suite import Suite
    from evenodds.tasks.task import Task
    from evenodds.train.events import Event
    from evenodds.train.replay import Exchange
    from evenodds.train.run import Trained

MARK, RUN, PAGE = "demo.json", "run", "index.html"
DRAWS = 300
PROBED = 6


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the page and the records.")] = Path("demo"),
    model: Annotated[str, typer.Option(help="tiny, a Hugging Face id, or a folder.")] = "tiny",
    seconds: Annotated[float, typer.Option(min=1, help="Most CPU seconds of training.")] = 60,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the training run.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the record (demo.json) alone, as JSON.")
    ] = False,
) -> None:
    """Teach a model to roll a fair die, and leave a page that shows it."""
    run(Demo(out, model, seconds, seed), quiet=as_json)
    if as_json:
        print((out / MARK).read_text("utf-8"), end="")


def run(chosen: Demo, *, quiet: bool = False) -> "Story":
    """Measure, teach, measure again; write the page and the records into `chosen.out`.

    `quiet` shows nothing on the way.
    Raises RunError for a folder that holds something else, ModelError for a model that cannot be
    loaded, KeyboardInterrupt when the training was interrupted.
    """
    _check(chosen.out)
    _config(chosen)  # refused before a model is measured for nothing
    from evenodds.cli.ordinary import asked, kept, rehearsal
    from evenodds.models.load import load_model
    from evenodds.report.terminal import console, print_ending
    from evenodds.tasks.suite import load_suite

    started, suite = time.perf_counter(), load_suite("die")
    out = console(io.StringIO() if quiet else None)
    local = load_model(chosen.model)
    _begin(chosen)
    _introduce(out, suite.tasks[0], local)
    replay = rehearsal(local, chosen.seed)
    questions = asked(local, replay, chosen.seed)
    before = _measure(out, "1  Measured before", local, suite, questions)
    _show(out, before)
    trained, events = _teach(out, chosen, local, suite, replay)
    after = _measure(out, "3  Measured again", _reloaded(trained, chosen), suite, questions)
    _show(out, before, after)
    answered = kept(questions, before.rightly, after.rightly)
    story = demo_story(chosen, suite, (before, after), answered, (trained, events))
    _write(chosen, story, before, after)
    print_ending(out, story)
    _farewell(out, chosen, time.perf_counter() - started)
    return story


def _check(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file: name a folder with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).exists():
        raise RunError(f"{out} is not empty and holds no demo: name another folder with --out")


def _begin(chosen: Demo) -> None:
    """Make the folder ready: whatever an earlier demo left gives way."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in (PAGE, "before.jsonl", "after.jsonl"):
        (chosen.out / name).unlink(missing_ok=True)
    _record(chosen, {})
    shutil.rmtree(chosen.out / RUN, ignore_errors=True)


def _record(chosen: Demo, found: dict[str, Any]) -> None:
    from evenodds.ledger.files import write_atomically

    plain = {"command": chosen.command, **asdict(chosen), "out": str(chosen.out), **found}
    write_atomically(chosen.out / MARK, json.dumps(plain, indent=2) + "\n")


def _introduce(out: "Console", task: "Task", local: "Local") -> None:
    from evenodds.report.terminal import print_lines
    from evenodds.report.text import printable

    millions = local.model.num_parameters() / 1e6
    lines = [
        "",
        f"  model    {printable(local.name, 50)}, {millions:.1f} million parameters",
        f"  prompt   {printable(task.prompt, 66)}",
        f"  fair     {task.target}: each of {task.law.support_size} outcomes is equally likely",
    ]
    print_lines(out, lines)


def _measure(
    out: "Console", title: str, local: "Local", suite: "Suite", questions: "Asked"
) -> Measured:
    from evenodds.cli.ordinary import rightly
    from evenodds.measure.exact import measure_exact
    from evenodds.report.terminal import heading, print_lines

    started = time.process_time()
    tasks = [measure_exact(local, task, draws=DRAWS) for task in suite.tasks]
    spent = time.process_time() - started
    exact = sum(measured.method == "exact" for measured in tasks)
    words = f"{exact} of {len(tasks)} phrasings exactly, in {spent:.1f} CPU seconds"
    words += f", {len(tasks) - exact} by draws" if exact < len(tasks) else ""
    print_lines(out, ["", heading(title, words)])
    return Measured(tasks, rightly(local, questions))


def _show(out: "Console", before: Measured, after: Measured | None = None) -> None:
    from evenodds.report.bar import has_blocks
    from evenodds.report.story import paired
    from evenodds.report.terminal import compared, print_lines

    sides = ("before", "after") if after else ("before",)
    pair = paired(before.tasks[:1], (after or before).tasks[:1])[0]
    print_lines(out, ["", *compared(pair, has_blocks(out.file), sides)])


def _teach(
    out: "Console", chosen: Demo, local: "Local", suite: "Suite", replay: Sequence["Exchange"]
) -> tuple["Trained", list["Event"]]:
    from evenodds.models.base import Decoding
    from evenodds.report.live import Training
    from evenodds.report.terminal import heading, print_lines
    from evenodds.train.probe import probe
    from evenodds.train.run import train

    tasks, events, config = suite.split("train"), list["Event"](), _config(chosen)
    words = f"{len(tasks)} phrasings by match, {config.steps} steps"
    print_lines(out, ["", heading("2  Teach", words), ""])
    target = {str(outcome): p for outcome, p in tasks[0].law.pmf(1000).probs().items()}
    with Training(out, target, config.steps) as picture:
        trained = train(
            local,
            tasks,
            config,
            chosen.out / RUN,
            replay=replay,
            probe=probe(local, suite.tasks, Decoding(), PROBED),
            on_event=_both(events.append, picture.see),
            command=chosen.command,
        )
    if trained.reason == "interrupted":
        raise KeyboardInterrupt
    return trained, events


def _config(chosen: Demo) -> Any:
    from evenodds.train.match import MatchConfig

    return MatchConfig(seconds=chosen.seconds, seed=chosen.seed, log_every=5, probe_every=15)


def _both(*listeners: Callable[["Event"], None]) -> Callable[["Event"], None]:
    def tell(event: "Event") -> None:
        for listener in listeners:
            listener(event)

    return tell


def _reloaded(trained: "Trained", chosen: Demo) -> "Local":
    """Return the model as it was written: what is measured is what can be shipped."""
    from evenodds.models.load import load_model

    local = load_model(str(trained.model))
    local.name = f"{chosen.model}, trained"
    return local


def _write(chosen: Demo, story: "Story", before: Measured, after: Measured) -> None:
    """Write the page, the measurements, and all that is needed to repeat them."""
    from evenodds.ledger.files import write_atomically
    from evenodds.report.page import write_page
    from evenodds.report.story import rows

    for name, measured in (("before", before), ("after", after)):
        lines = (json.dumps(each.to_json(), ensure_ascii=False) for each in measured.tasks)
        write_atomically(chosen.out / f"{name}.jsonl", "".join(f"{line}\n" for line in lines))
    told = {"suites": story.suites, "versions": story.versions, "steps": story.steps}
    splits = [asdict(row) for row in rows(story.pairs)]
    kept = [asdict(kind) for kind in story.kept]
    _record(chosen, {**told, "cpu_seconds": story.seconds, "splits": splits, "instructions": kept})
    write_page(story, chosen.out / PAGE)


def _farewell(out: "Console", chosen: Demo, seconds: float) -> None:
    from evenodds.report.terminal import print_lines
    from evenodds.report.text import duration

    lines = [
        f"  page      {chosen.out / PAGE}",
        f"  model     {chosen.out / RUN / 'model'}",
        f"  records   {chosen.out / 'before.jsonl'}, {chosen.out / 'after.jsonl'}",
        f"  again     {chosen.command}",
        f"  took      {duration(seconds)} in all",
        "",
    ]
    print_lines(out, lines)
