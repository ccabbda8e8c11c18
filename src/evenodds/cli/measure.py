"""`evenodds measure MODEL`: a model against a suite, exactly or by draws."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.options import MOST_SEED
from evenodds.errors import RunError

if TYPE_CHECKING:
    from evenodds.measure.record import Measurement
    from evenodds.measure.scorecard import Scorecard
    from evenodds.models.base import Decoding, Scorer
    from evenodds.tasks.task import Task

CONFIG, MEASUREMENTS, SCORECARD = "config.json", "measurements.jsonl", "scorecard.json"


@dataclass(frozen=True)
class MeasureConfig:
    """What decides the numbers: recorded in the folder, and the same on every resume."""

    model: str
    weights: str
    suite: str
    suite_hash: str
    split: str | None
    draws: int | None
    seed: int
    decoding: "Decoding"

    def to_json(self) -> dict[str, Any]:
        """The configuration as JSON values, the decoding's among them."""
        plain = {name: value for name, value in vars(self).items() if name != "decoding"}
        return {**plain, **self.decoding.to_json()}


def measure(
    model: Annotated[str, typer.Argument(help="tiny, a Hugging Face id, or a folder.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the records.", show_default=False)],
    suite: Annotated[str, typer.Option(help="die, coin, core, or a JSONL file of tasks.")] = "die",
    split: Annotated[str | None, typer.Option(help="Only the tasks of this split.")] = None,
    draws: Annotated[
        int | None, typer.Option(min=1, help="Take so many fresh draws of each task.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Compute exact probabilities (the default).")
    ] = False,
    temperature: Annotated[float, typer.Option(help="0 is greedy.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="0 is off.")] = 0,
    top_p: Annotated[float, typer.Option(help="1 is off.")] = 1.0,
    min_p: Annotated[float, typer.Option(help="0 is off.")] = 0.0,
    max_new_tokens: Annotated[int, typer.Option(help="Longest reply, in tokens.")] = 64,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    prefill: Annotated[str, typer.Option(help="Text the reply is made to begin with.")] = "",
    template: Annotated[
        list[str] | None,
        typer.Option(help="Chat-template argument, such as enable_thinking=false; repeatable."),
    ] = None,
    adapter: Annotated[str | None, typer.Option(help="PEFT adapter, id or folder.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, ...")] = None,
    dtype: Annotated[str | None, typer.Option(help="float32, bfloat16 or float16.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Seed of draws and simulated p-values.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scorecard as JSON.")] = False,
) -> None:
    """Measure how fairly a model answers the tasks of a suite."""
    from evenodds.ledger import agree
    from evenodds.models.base import Decoding
    from evenodds.models.load import load_model
    from evenodds.tasks.suite import load_suite

    if exact and draws is not None:
        raise RunError("--exact and --draws exclude each other: give one of them")
    decoding = Decoding(
        temperature, top_k, top_p, min_p, max_new_tokens, system, prefill, arguments(template or [])
    )
    tasks = load_suite(suite)
    chosen = tasks.split(split) if split else tasks.tasks
    config = MeasureConfig(
        model if adapter is None else f"{model} + {adapter}",
        fingerprint(model, adapter),
        tasks.name,
        tasks.hash,
        split,
        draws,
        seed,
        decoding,
    )
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file: name a folder with --out")
    if (out / CONFIG).exists():
        agree(out / CONFIG, config.to_json())  # before a model is loaded for nothing
    scorer = load_model(model, adapter=adapter, device=device, dtype=dtype)
    card = measure_into(out, config, scorer, chosen)
    print_card(card, out, as_json)


def measure_into(
    out: Path, config: MeasureConfig, scorer: "Scorer", tasks: "Sequence[Task]"
) -> "Scorecard":
    """Measure what is owed in the folder `out`, then write and return the scorecard.

    Raises RunError when the folder holds work under another configuration. Interrupted, what was
    finished stays, and the same call goes on from there.
    """
    from evenodds.ledger import Ledger, write_atomically
    from evenodds.measure.scorecard import summarise
    from evenodds.measure.suite import measure_all

    found: list[Measurement] = []
    with claimed(out, config), progress(len(tasks)) as advance:
        ledger = Ledger(out / MEASUREMENTS)
        for measurement, fresh in measure_all(tasks, measure_one(scorer, config), ledger):
            found.append(measurement)
            advance(measurement, fresh)
    card = summarise(found)
    text = json.dumps(card.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(out / SCORECARD, text + "\n")
    return card


@contextmanager
def claimed(out: Path, config: MeasureConfig) -> "Iterator[None]":
    """Hold the folder `out` for one configuration; a call that records nothing leaves no trace.

    Raises RunError when it holds work under another one.
    """
    from evenodds.ledger import agree

    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    fresh = not (out / CONFIG).exists()
    try:
        agree(out / CONFIG, config.to_json())
        yield
    except BaseException:
        if fresh and not _holds_any(out / MEASUREMENTS):
            _clear(out, made)
        raise


def _holds_any(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _clear(out: Path, made: Sequence[Path]) -> None:
    for name in (CONFIG, MEASUREMENTS):
        (out / name).unlink(missing_ok=True)
    for folder in made:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def measure_one(scorer: "Scorer", config: MeasureConfig) -> "Callable[[Task], Measurement]":
    """How one task is measured; each task draws from a seed of its own."""
    from evenodds.measure.exact import measure_exact
    from evenodds.measure.sample import measure_draws

    def one(task: "Task") -> "Measurement":
        seed = (config.seed + int(task.key, 16)) % 2**32
        if config.draws is not None:
            return measure_draws(scorer, task, config.draws, config.decoding, seed)
        return measure_exact(scorer, task, config.decoding, seed=seed)

    return one


def arguments(pairs: Sequence[str]) -> tuple[tuple[str, bool | str | int], ...]:
    """Chat-template arguments from key=value: true, false and integers are read as such.

    >>> arguments(["enable_thinking=false", "style=terse", "depth=2"])
    (('enable_thinking', False), ('style', 'terse'), ('depth', 2))
    """
    return tuple((key, _value(value)) for key, value in map(_pair, pairs))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise RunError(f"--template {text!r} is no key=value: write, say, enable_thinking=false")
    return key, value


def _value(text: str) -> bool | str | int:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else text


def fingerprint(model: str, adapter: str | None) -> str:
    """What tells the weights in local folders apart: a hash of each weight file's size and ends.

    A Hugging Face id has none; its files do not change under one name.
    """
    import hashlib

    from evenodds.models.load import TINY

    digest = hashlib.sha256()
    folders = [TINY if model == "tiny" else Path(model), *([Path(adapter)] if adapter else [])]
    files = [file for folder in folders for file in sorted(folder.glob("*.safetensors"))]
    for file in files:
        _digest(file, digest.update)
    return digest.hexdigest()[:16] if files else ""


def _digest(file: Path, update: Callable[[bytes], None], piece: int = 1 << 22) -> None:
    size = file.stat().st_size
    update(f"{file.name} {size} ".encode())
    with file.open("rb") as stream:
        update(stream.read(piece))
        stream.seek(max(0, size - piece))
        update(stream.read(piece))


@contextmanager
def progress(total: int) -> "Iterator[Callable[[Measurement, bool], None]]":
    """A progress bar on standard error; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda measurement, fresh: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("measuring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        TextColumn("tv {task.fields[tv]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        work = bar.add_task("measuring", total=total, tv="")
        shown = _Running()
        yield lambda measurement, fresh: bar.update(work, advance=1, tv=shown.tv(measurement))


class _Running:
    """The mean tv of the tasks so far."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def tv(self, measurement: "Measurement") -> str:
        """Count one more; the mean as text."""
        value = measurement["tv"]
        self.values += [] if value is None else [value]
        return f"{sum(self.values) / len(self.values):.3f}" if self.values else ""


def print_card(card: "Scorecard", out: Path, as_json: bool) -> None:
    """Print a scorecard, and where the records lie (on standard error beside JSON)."""
    from evenodds.report.scorecard import scorecard_lines

    where = f"records: {out / MEASUREMENTS}  summary: {out / SCORECARD}"
    if as_json:
        print(json.dumps(card.to_json(), indent=2, ensure_ascii=False, allow_nan=False))
        print(where, file=sys.stderr)
        return
    print("\n".join([f"{card.model}:", *scorecard_lines(card), where]))
