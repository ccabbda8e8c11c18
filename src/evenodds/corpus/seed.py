"""Seed tasks: written by hand, one short block each in `seeds/*.yaml`, checked when they are read.

A file is `defaults` (fields that its tasks share) and `tasks`; a task is

    - prompt: The gate opens for one of three numbers, 4, 8 or 15. Which one? Number only.
      target: uniform([4, 8, 15])
      register: story
      domain: adventure

with `category` and `level`, and where they are not the usual ones `format` (bare), `kind` (random),
`representation` (implicit), `family` (the target's) and a `note` for whoever reads the file.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from evenodds.corpus.entry import Entry
from evenodds.corpus.phrasing import REGISTERS
from evenodds.corpus.presence import missing
from evenodds.distributions import parse
from evenodds.errors import EvenoddsError, SuiteError
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task

__all__ = ["load_seeds"]

_NEEDED = ("prompt", "target", "category", "level", "register", "domain")
_FIELDS = (*_NEEDED, "format", "kind", "representation", "family", "note")
_TWIN = "twin"
"""The family of deterministic tasks that name none: what looks random and is not."""


def load_seeds(path: str | Path | None = None) -> list[Entry]:
    """The seed tasks that come with the package, or those of a YAML file or a folder of them.

    Every task is checked: its target is a law, its format reads back every outcome, a deterministic
    one has one outcome, a prompt that states its law names the target's numbers and labels, and no
    task stands twice. Raises SuiteError that names the file, the task's number in it and the fault.
    """
    entries: list[Entry] = []
    first: dict[str, str] = {}
    for name, text in _files(path):
        for i, block in enumerate(_blocks(name, text), start=1):
            where = f"{name}, task {i}"
            try:
                entry = _entry(block, f"{Path(name).stem} {i}")
            except EvenoddsError as why:
                raise SuiteError(f"{where}: {why}") from why
            prompt = " ".join(entry.task.prompt.casefold().split())
            if prompt in first:
                raise SuiteError(f"{where}: the same prompt as {first[prompt]}; change or drop it.")
            first[prompt] = where
            entries.append(entry)
    if not entries:
        raise SuiteError(f"{path} has no seed tasks: give a YAML file or a folder of them.")
    return entries


def _files(path: str | Path | None) -> Iterator[tuple[str, str]]:
    """The name and text of each file, in order of name."""
    if path is None:
        folder = resources.files("evenodds.corpus").joinpath("seeds")
        found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml"))
        yield from ((name, folder.joinpath(name).read_text("utf-8")) for name in found)
        return
    place = Path(path)
    if not place.exists():
        raise SuiteError(f"{place} is not there: give a YAML file of seed tasks, or their folder.")
    for file in sorted(place.glob("*.yaml")) if place.is_dir() else [place]:
        try:
            yield file.name, file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as why:
            raise SuiteError(f"{file} cannot be read ({why}): save it as UTF-8.") from why


def _blocks(name: str, text: str) -> Iterator[Mapping[str, Any]]:
    """The tasks of a file with its defaults filled in."""
    import yaml

    try:
        document = yaml.load(text, Loader=_loader(text))
    except (yaml.YAMLError, RecursionError) as why:
        raise SuiteError(f"{name} is no YAML: {' '.join(str(why).split())}") from why
    if not isinstance(document, Mapping) or not set(document) <= {"defaults", "tasks"}:
        raise SuiteError(f"{name} is not as expected: write `defaults: ...` and `tasks: [...]`.")
    defaults, tasks = document.get("defaults") or {}, document.get("tasks") or []
    if not isinstance(defaults, Mapping) or not isinstance(tasks, list):
        raise SuiteError(f"{name}: defaults are fields, and tasks a list of blocks; mend it.")
    for i, task in enumerate(tasks, start=1):
        if not isinstance(task, Mapping):
            raise SuiteError(f"{name}, task {i} is {task!r}: write fields, `prompt: ...` first.")
        yield {**defaults, **task}


def _loader(text: str) -> Any:
    """The fast loader, but the one in Python for a text with more brackets than seeds have.

    The fast one dies, without an error to catch, of brackets nested a hundred thousand deep.
    """
    import yaml

    nested = text.count("[") + text.count("{") > 5000
    return yaml.SafeLoader if nested else getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _entry(block: Mapping[str, Any], name: str) -> Entry:
    """One checked entry."""
    _check_fields(block)
    prompt, kind = block["prompt"].strip(), block.get("kind", "random")
    target = parse(block["target"])
    family = block.get("family") or (_TWIN if kind == "deterministic" else target.name)
    task = Task(
        prompt=prompt,
        target=target,
        format=AnswerFormat.from_text(block.get("format", "bare")),
        family=family,
        category=block["category"],
        level=block["level"],
        name=name,
        kind=kind,
    )
    task.check()
    entry = Entry(
        task,
        register=block["register"],
        domain=block["domain"],
        representation=block.get("representation", "implicit"),
        source="seed",
        phrasing=f"{family}/{sha256(prompt.encode()).hexdigest()[:8]}",
    )
    if entry.representation != "implicit" and (lacking := missing(prompt, target)):
        raise SuiteError(
            f"the prompt states its law, but does not name {', '.join(lacking)} of {target}: "
            "say it, or make the representation implicit."
        )
    return entry


def _check_fields(block: Mapping[str, Any]) -> None:
    """Refuse a field that is missing, unknown or no text."""
    if unknown := sorted(str(field) for field in set(block) - set(_FIELDS)):
        raise SuiteError(f"no seed task has a field {unknown[0]!r}: fields are {sorted(_FIELDS)}.")
    for field in _FIELDS:
        if field in _NEEDED and field not in block:
            raise SuiteError(f"{field} is missing: add it, or put it into the file's defaults.")
        if field in block and field != "level" and not isinstance(block[field], str):
            raise SuiteError(f"{field} is {block[field]!r}: give a text, in quotes if need be.")
    if block["register"] not in REGISTERS:
        raise SuiteError(f"register is {block['register']!r}: use one of {', '.join(REGISTERS)}.")
