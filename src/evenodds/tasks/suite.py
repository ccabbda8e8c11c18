"""Suites: named lists of tasks with a hash, built in or read from a file.

A file is YAML (`tasks/own.py`), or JSONL with a task a line; a corpus is JSONL too, whose lines say
more about each task than a suite needs.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from evenodds.errors import EvenoddsError, SuiteError
from evenodds.ledger.files import write_atomically
from evenodds.tasks.task import Task, content_hash

__all__ = ["BESIDE", "BUILT_IN", "Suite", "load_suite", "save_suite", "suite_file"]

BUILT_IN = ("die", "coin", "core")

BESIDE = frozenset(
    {
        *("distribution", "samples", "register", "domain", "representation", "source"),
        *("phrasing", "parameters", "origin"),
        *("entropy", "mean", "variance", "support_size", "log_prob"),
    }
)
"""What a line of a corpus says beside its task; a suite reads past it."""


@dataclass(frozen=True)
class Suite:
    """A named list of tasks, no two with the same content."""

    name: str
    tasks: tuple[Task, ...]

    @cached_property
    def hash(self) -> str:
        """16 hex digits that name the content: every field of every task, in order."""
        return content_hash([task.to_json() for task in self.tasks])

    def __len__(self) -> int:
        return len(self.tasks)

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    def split(self, name: str) -> tuple[Task, ...]:
        """The tasks of one split, in order; raises `SuiteError` when it has none."""
        found = tuple(task for task in self.tasks if task.split == name)
        if not found:
            raise SuiteError(
                f"The suite {self.name!r} has no split {name!r}: it has {', '.join(self.splits)}."
            )
        return found

    @property
    def splits(self) -> dict[str, int]:
        """How many tasks each split has, in order of first appearance."""
        return dict(Counter(task.split for task in self.tasks))


def load_suite(name: str | Path) -> Suite:
    """A suite that is built in ("die", "coin", "core") or stands in a file.

    A file is `.yaml` or `.yml` as `docs/own-tasks.md` says, or JSONL with a task a line; a folder
    is that of a corpus, read from its `tasks.jsonl`. Every task of a file is checked: its target
    must be a law and its format must serve it. Raises `SuiteError` that names the line and why.
    """
    if str(name) in BUILT_IN:
        return _built_in(str(name))
    path = suite_file(name)
    if path.suffix in (".yaml", ".yml"):
        from evenodds.tasks.own import read_own

        own, tasks = read_own(_text(path), str(path))
        return Suite(own or path.stem, tuple(tasks))
    return Suite(_stem(path), tuple(_tasks(path)))


def suite_file(name: str | Path) -> Path:
    """The file of a suite that is not built in; raises `SuiteError` when there is none."""
    path = Path(name)
    found = path / "tasks.jsonl" if path.is_dir() else path
    if not found.is_file():
        raise SuiteError(
            f"No suite {str(name)!r}: give {', '.join(BUILT_IN)}, the path of a YAML or JSONL file "
            "of tasks, or the folder of a corpus."
        )
    return found


def _stem(path: Path) -> str:
    """The name of a suite in a file: the file's, or of a corpus its folder's."""
    return path.resolve().parent.name if path.name == "tasks.jsonl" else path.stem


def save_suite(suite: Suite, path: str | Path) -> None:
    """Write a suite as JSONL, one task a line, whole or not at all."""
    lines = (json.dumps(task.to_json(), ensure_ascii=False) for task in suite.tasks)
    write_atomically(Path(path), "".join(f"{line}\n" for line in lines))


@lru_cache(maxsize=len(BUILT_IN))
def _built_in(name: str) -> Suite:
    import yaml

    from evenodds.tasks.family import expand

    text = resources.files("evenodds.tasks").joinpath("suites", f"{name}.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Suite(name, tuple(expand(yaml.load(text, Loader=loader), f"{name}.yaml")))


def _tasks(path: Path) -> Iterator[Task]:
    first: dict[str, int] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            task = _task(_object(line))
            task.check()
            key = task.key
        except (EvenoddsError, ValueError, TypeError, RecursionError) as error:
            raise SuiteError(f"{path}, line {number}: {error}") from error
        if key in first:
            raise SuiteError(f"{path}, line {number}: the same task as line {first[key]}.")
        first[key] = number
        yield task
    if not first:
        raise SuiteError(f"{path} has no tasks: write one JSON object a line.")


def _task(record: Any) -> Task:
    if not isinstance(record, dict):
        return Task.from_json(record)
    if "distribution" in record and "target" not in record:
        raise SuiteError(
            "there is a distribution and no target: `evenodds tasks export FILE --format jsonl "
            "--out NEW.jsonl` writes it as one."
        )
    return Task.from_json({k: v for k, v in record.items() if k not in BESIDE})


def _lines(path: Path) -> list[str]:
    return _text(path).split("\n")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SuiteError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8.") from error


def _object(line: str) -> Any:
    try:
        return json.loads(line, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON at column {error.colno} ({error.msg}): mend it.") from error


def _no_constant(value: str) -> Any:
    raise ValueError(f"{value} is no JSON value")
