"""Part of a suite: by how the prompt tells its law, by level, by kind."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from evenodds.corpus.entry import Representation
from evenodds.corpus.rows import lines, values_of
from evenodds.errors import SuiteError
from evenodds.tasks.suite import BUILT_IN, Suite, load_suite, suite_file
from evenodds.tasks.task import Task, TaskKind

__all__ = ["select"]

LEVELS = (1, 2, 3, 4)


def select(
    name: str | Path,
    *,
    representations: Collection[str] = (),
    levels: Collection[int] = (),
    kinds: Collection[str] = (),
) -> Suite:
    """The tasks of a suite that are as wanted, in order; nothing wanted of a field takes all.

    `name`: as `load_suite` takes it. `representations`: "stated", "implicit" or "both", which only
    the lines of a corpus tell. `levels`: 1 to 4. `kinds`: "random" or "deterministic". Raises
    `SuiteError` for another value, a suite that does not say it, and when no task is left.
    """
    _check("representation", representations, get_args(Representation))
    _check("level", levels, LEVELS)
    _check("kind", kinds, get_args(TaskKind))
    suite = load_suite(name)
    told = _representations(name) if representations else [None] * len(suite)
    kept = tuple(
        task
        for task, representation in zip(suite.tasks, told, strict=True)
        if (not representations or representation in representations)
        and (not levels or task.level in levels)
        and (not kinds or task.kind in kinds)
    )
    if not kept:
        raise SuiteError(f"{name} has no such task. There is {_there(suite.tasks, told)}.")
    return Suite(suite.name, kept)


def _check(name: str, given: Iterable[Any], allowed: Sequence[Any]) -> None:
    for value in given:
        if value not in allowed:
            known = ", ".join(map(str, allowed))
            raise SuiteError(f"{name} is {value!r}: use one of {known}.")


def _representations(name: str | Path) -> list[str]:
    """How each line of a corpus tells its law, in order."""
    why = "only a corpus (evenodds tasks make) says how its prompts tell the law"
    if str(name) in BUILT_IN or suite_file(name).suffix in (".yaml", ".yml"):
        raise SuiteError(f"{name} has no representation: {why}.")
    found: list[str] = []
    for number, text in lines(name):
        told = str(values_of(text).get("representation"))
        if told not in get_args(Representation):
            raise SuiteError(f"{name}, line {number} has no representation: {why}.")
        found.append(told)
    return found


def _there(tasks: Iterable[Task], told: Iterable[str | None]) -> str:
    counts = Counter(
        f"{task.kind} of level {task.level}{f', {how}' if how else ''}"
        for task, how in zip(tasks, told, strict=True)
    )
    return "; ".join(f"{n} {what}" for what, n in sorted(counts.items()))
