"""Suites: named lists of tasks with a hash, built in or read from a JSONL file."""

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

__all__ = ["BUILT_IN", "Suite", "load_suite", "save_suite"]

BUILT_IN = ("die", "coin", "core")


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
    """A suite that is built in ("die", "coin", "core") or stands in a JSONL file, a task a line.

    Every task of a file is checked: its target must be a law and its format must serve it. Raises
    `SuiteError` that names the line and the reason.
    """
    if str(name) in BUILT_IN:
        return _built_in(str(name))
    path = Path(name)
    if not path.is_file():
        raise SuiteError(
            f"No suite {str(name)!r}: give {', '.join(BUILT_IN)} or the path of a JSONL file."
        )
    return Suite(path.stem, tuple(_tasks(path)))


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
            task = Task.from_json(_object(line))
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


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise SuiteError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8.") from error


def _object(line: str) -> Any:
    try:
        return json.loads(line, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON at column {error.colno} ({error.msg}): mend it.") from error


def _no_constant(value: str) -> Any:
    raise ValueError(f"{value} is no JSON value")
