"""Tasks of one's own, in YAML: prompts, and how often each answer should come.

    name: cafe
    tasks:
      - name: guest
        prompts:
          - Who comes into the cafe next? Answer with the first name only.
        unseen:
          - The door opens. Name the guest, one word.
        target:
          Ana: 50%
          Ben: 30%
          Chloe: 20%

`docs/own-tasks.md` says what may stand where.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import yaml

from evenodds.distributions import Expression
from evenodds.errors import EvenoddsError, FormatError, SuiteError
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.family import expand
from evenodds.tasks.nodes import (
    Fields,
    composed,
    fault,
    fields_of,
    line_of,
    listed,
    text_of,
    values_of,
)
from evenodds.tasks.own_target import answer_of, target_of
from evenodds.tasks.task import CATEGORIES, SPLITS, Task, TaskKind

__all__ = ["read_own"]

_DOCUMENT = ("name", "tasks", "families")
_BLOCK = (
    *("name", "prompt", "prompts", "unseen", "target", "answer", "format"),
    *("family", "category", "level", "kind", "split"),
)
_FAMILY_SHAPE = "parameters are split -> list, prompts are split -> format -> list"

Placed = tuple[Task, yaml.Node]
"""A task and the node that it is from."""


def read_own(text: str, source: str) -> tuple[str | None, list[Task]]:
    """The suite's name, if the document gives one, and its tasks, every one checked.

    `source` names the document in errors. Raises `SuiteError` that names the line and what to do.
    """
    try:
        return _document(composed(text))
    except SuiteError as why:
        raise SuiteError(f"{source}, {why}") from why


def _document(node: yaml.Node) -> tuple[str | None, list[Task]]:
    fields = fields_of(node, _DOCUMENT, "file of tasks")
    found: dict[str, Placed] = {}
    for task, where in [*_own(fields.get("tasks")), *_families(fields.get("families"))]:
        key = _checked(task, where)
        if key in found:
            line = line_of(found[key][1])
            raise fault(where, f"the same prompt, target and format as on line {line}: keep one.")
        found[key] = task, where
    if not found:
        raise fault(node, "there is no task: write `tasks:` and below it a list of tasks.")
    _check_held_out(list(found.values()))
    name = text_of(fields["name"], "name") if "name" in fields else None
    return name, [task for task, _ in found.values()]


def _own(node: yaml.Node | None) -> Iterator[Placed]:
    names: dict[str, int] = {}
    for i, entry in enumerate(listed(node, "tasks") if node else [], start=1):
        fields = fields_of(entry, _BLOCK, "task")
        name = text_of(fields["name"], "name") if "name" in fields else f"task {i}"
        if name in names:
            raise fault(entry, f"line {names[name]} has the name {name!r} too: choose another.")
        names[name] = line_of(entry)
        yield from _Block(entry, fields, name).tasks()


def _families(node: yaml.Node | None) -> Iterator[Placed]:
    """Families as the built-in suites write them: see `tasks/family.py`."""
    for family in listed(node, "families") if node else []:
        try:
            yield from ((task, family) for task in expand({"families": [values_of(family)]}, "own"))
        except AttributeError as why:
            raise fault(family, f"a family of another shape: {_FAMILY_SHAPE}.") from why
        except SuiteError as why:
            raise fault(family, str(why).removeprefix("own, ")) from why


@dataclass(frozen=True)
class _Block:
    """One entry of the list of tasks, its fields by name."""

    node: yaml.Node
    fields: Fields
    name: str

    def tasks(self) -> Iterator[Placed]:
        """A task a prompt: first those of `prompts`, then the held-out ones."""
        split = self.choice("split", SPLITS, "train")
        prompts = list(self.prompts())
        unseen = self.unseen(split)
        target, form = self.target(), self.format()
        for where, nodes in ((split, prompts), ("unseen_phrasing", unseen)):
            for i, node in enumerate(nodes, start=1):
                name = f"{self.name}/{where}/{i}"
                yield self.task(_prompt(node), target, form, split=where, name=name), node

    def task(
        self, prompt: str, target: Expression, form: AnswerFormat, *, split: str, name: str
    ) -> Task:
        """The task of one prompt."""
        kind: TaskKind = "deterministic" if self.is_twin() else "random"
        return Task(
            prompt=prompt,
            target=target,
            format=form,
            family=self.text("family", self.name if "name" in self.fields else "own"),
            category=self.choice("category", CATEGORIES, "basic"),
            level=int(self.choice("level", ("1", "2", "3", "4"), "1")),
            split=split,
            name=name,
            kind=kind,
        )

    def prompts(self) -> list[yaml.Node]:
        """The nodes of the prompts that are not held out as phrasings."""
        given = self.either("prompts", "prompt")
        return [given] if "prompt" in self.fields else listed(given, "prompts")

    def unseen(self, split: str) -> list[yaml.Node]:
        """The nodes of the held-out prompts."""
        node = self.fields.get("unseen")
        if node and split != "train":
            raise fault(node, f"the whole task is held out as {split}: leave unseen or split out.")
        return listed(node, "unseen") if node else []

    def target(self) -> Expression:
        """The law of the answer."""
        node = self.either("target", "answer")
        return answer_of(node) if "answer" in self.fields else target_of(node)

    def format(self) -> AnswerFormat:
        """How the answer is written: a kind, `kind:label`, or both as fields."""
        node = self.fields.get("format")
        if node is None:
            return AnswerFormat()
        try:
            if isinstance(node, yaml.MappingNode):
                given = fields_of(node, ("kind", "label"), "format")
                return AnswerFormat(**{k: text_of(v, k) for k, v in given.items()})  # type: ignore[arg-type]
            return AnswerFormat.from_text(text_of(node, "format"))
        except FormatError as why:
            raise fault(node, str(why)) from why

    def is_twin(self) -> bool:
        """Whether there is one right answer: said by `kind`, or by `answer` in place of target."""
        usual = "deterministic" if "answer" in self.fields else "random"
        return self.choice("kind", get_args(TaskKind), usual) == "deterministic"

    def text(self, name: str, usual: str) -> str:
        """The text of a field, or what it usually is."""
        return text_of(self.fields[name], name) if name in self.fields else usual

    def choice(self, name: str, allowed: tuple[str, ...], usual: str) -> str:
        """The value of a field that takes one of a few."""
        value = self.text(name, usual)
        if value not in allowed:
            known = ", ".join(allowed)
            raise fault(self.fields[name], f"{name} is {value!r}: use one of {known}.")
        return value

    def either(self, first: str, second: str) -> yaml.Node:
        """The node of the one of two fields that is there."""
        given = [name for name in (first, second) if name in self.fields]
        if len(given) != 1:
            came = "both are there" if given else "there is neither"
            raise fault(self.node, f"a task has {first} or {second}, and {came}: give one.")
        return self.fields[given[0]]


def _prompt(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        raise fault(node, "YAML reads a colon or a brace of this prompt: put it in quotes.")
    return text_of(node, "a prompt")


def _checked(task: Task, where: yaml.Node) -> str:
    """The task's key, once the task has been checked."""
    try:
        task.check()
        return task.key
    except (EvenoddsError, ValueError) as why:
        raise fault(where, str(why)) from why


def _check_held_out(found: list[Placed]) -> None:
    """Refuse a held-out prompt that is a trained one but for case and punctuation."""
    trained = {_words(task.prompt): node for task, node in found if task.split == "train"}
    for task, node in found:
        if task.split != "train" and (same := trained.get(_words(task.prompt))):
            line = line_of(same)
            raise fault(node, f"held out, but trained on line {line}: word it in another way.")


def _words(prompt: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", prompt.casefold()))
