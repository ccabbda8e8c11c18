"""Questions from data: phrasings x label sets x cyclic orders, a Latin square.

A YAML file of a question holds `target` (an expression, the law of one draw), `phrasings` (answer
format -> prompts, whose slots are those of `tasks.phrasing`), `labels` (kinds of label sets, see
`measure.prompting.design`; left out where no prompt names labels), `max_tokens`, and may hold
`sorted` (the labels of a set in the alphabet's order), `both` (every set also the other way round),
`orders: one` (labels in the target's order alone), `draws` (so many in one answer; the law is then
of how many are outcome 0), `temperature`, `system`, `seed` (of the random labels).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from math import comb
from pathlib import Path
from typing import Any

import yaml

from evenodds.distributions import Expression, Pmf, parse
from evenodds.errors import FormatError, RunError
from evenodds.measure.prompting.design import Cell, grid, label_sets
from evenodds.models.base import Decoding
from evenodds.survey.question import SurveyCell, SurveyQuestion
from evenodds.survey.structured import ANSWER
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.phrasing import Phrasing
from evenodds.tasks.task import Task

__all__ = ["built_in", "load_question", "question_of", "structured_arm"]

_FIELDS = {"target", "phrasings", "labels", "max_tokens", "sorted", "both", "orders", "draws"}
_FIELDS |= {"temperature", "system", "seed"}
_SUFFIX = "_structured"


def built_in(name: str) -> SurveyQuestion:
    """A question that comes with the package, by its name (see `QUESTIONS`)."""
    plain = name.removesuffix(_SUFFIX)
    text = files("evenodds.survey").joinpath("prompts", f"{plain}.yaml").read_text("utf-8")
    found = _question(plain, yaml.safe_load(text))
    return structured_arm(found) if name != plain else found


def load_question(path: str | Path) -> SurveyQuestion:
    """A question from a YAML file of one's own (see the module); its name is the file's.

    Raises RunError for a file that cannot be read or lacks something, FormatError for a prompt or
    a label that cannot serve, TargetError for a target that is no law.
    """
    place = Path(path)
    try:
        record = yaml.safe_load(place.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RunError(f"{place} cannot be read as a question ({error}): give a YAML file.") from (
            error
        )
    return _question(place.stem, record)


def question_of(task: Task, name: str = "", max_tokens: int = 256) -> SurveyQuestion:
    """Any task as a question of a single cell; position bias cannot be told there.

    Raises TooLargeError for a law too large to list.
    """
    pmf = task.law.pmf()
    cell = SurveyCell("task", task, tuple(map(str, pmf.support)))
    return SurveyQuestion(name or task.name or task.key, pmf, (cell,), max_tokens=max_tokens)


def structured_arm(question: SurveyQuestion) -> SurveyQuestion:
    """The same question with a schema, in the phrasings that ask for no frame of their own."""
    asked = [cell for cell in question.cells if cell.task.format.kind == "bare"]
    cells = tuple(
        replace(
            cell,
            key=f"{cell.key}.json",
            structured=True,
            task=replace(cell.task, format=AnswerFormat("json", ANSWER)),
        )
        for cell in asked
    )
    return replace(question, name=question.name + _SUFFIX, cells=cells)


def _question(name: str, record: Any) -> SurveyQuestion:
    made = _Made(name, _checked(name, record))
    return SurveyQuestion(
        name,
        made.law,
        tuple(made.cells()),
        Decoding(temperature=float(made.record.get("temperature", 1.0))),
        int(made.record.get("max_tokens", 256)),
    )


def _checked(name: str, record: Any) -> Mapping[str, Any]:
    if not isinstance(record, Mapping):
        raise RunError(f"The question {name!r} is no mapping: write target and phrasings.")
    for needed in ("target", "phrasings"):
        if needed not in record:
            raise RunError(f"The question {name!r} has no {needed!r}: add it.")
    if strange := sorted(set(record) - _FIELDS):
        raise RunError(
            f"The question {name!r} has a field {strange[0]!r}, and none is known: fields are "
            f"{', '.join(sorted(_FIELDS))}."
        )
    if not isinstance(record["phrasings"], Mapping):
        raise RunError(f"The phrasings of {name!r} are no mapping: write answer format -> prompts.")
    return record


@dataclass(frozen=True)
class _Made:
    """A question in the making, from its record."""

    name: str
    record: Mapping[str, Any]

    @property
    def target(self) -> Expression:
        """The law of one draw."""
        return parse(str(self.record["target"]))

    @property
    def draws(self) -> int:
        """Draws in one answer."""
        return int(self.record.get("draws", 1))

    @property
    def law(self) -> Pmf[Any]:
        """The law of a fair answer: of one draw, or of how many of several are outcome 0."""
        pmf = self.target.law.pmf()
        if self.draws == 1:
            return pmf
        if len(pmf) != 2:
            raise RunError(
                f"{self.name!r} asks for {self.draws} draws of {len(pmf)} outcomes, and a count of "
                "outcome 0 tells only 2 apart: take a coin, or one draw."
            )
        n, (hit, miss) = self.draws, (weight for _, weight in pmf.items())
        return Pmf({k: comb(n, k) * hit**k * miss ** (n - k) for k in range(n + 1)})

    @property
    def phrasings(self) -> tuple[Phrasing, ...]:
        """The prompts, each with its answer format, in the order written."""
        pairs = self.record["phrasings"].items()
        return tuple(Phrasing(text, str(form)) for form, texts in pairs for text in texts)

    def cells(self) -> Iterator[SurveyCell]:
        """The cells, by phrasing, label set and order."""
        return self._listed() if "labels" in self.record else self._plain()

    def _plain(self) -> Iterator[SurveyCell]:
        labels = tuple(map(str, self.target.law.pmf().support))
        for f, each in enumerate(self.phrasings, start=1):
            task = Task(each.text, self.target, each.answer_format)
            yield self._cell(SurveyCell(f"p{f}", task, labels, phrasing=f"p{f}", label_set="own"))

    def _listed(self) -> Iterator[SurveyCell]:
        pmf = self.target.law.pmf()
        own, chances = tuple(map(str, pmf)), tuple(pmf.probs().values())
        self._check(fair=len(set(chances)) == 1)
        names, sets = self._label_sets(own)
        for cell in grid(chances, self.phrasings, sets, names).cells:
            if cell.order and self.record.get("orders") == "one":
                continue
            f, name = f"p{cell.phrasing + 1}", names[cell.label_set]
            key = f"{f}.{name}.o{cell.order}"
            task = self._task(cell)
            yield self._cell(SurveyCell(key, task, cell.labels, cell.order, f, label_set=name))

    def _check(self, *, fair: bool) -> None:
        """Refuse a prompt that does not say what may be answered, or with which chances."""
        for each in self.phrasings:
            if not each.names_labels:
                raise FormatError(
                    f"The prompt {each.text!r} of {self.name!r} does not name the labels: write "
                    "{options}, {commas}, {lines}, {odds} or {a} and {b}, or leave out `labels`."
                )
            if not fair and not each.states_chance:
                raise FormatError(
                    f"The prompt {each.text!r} of {self.name!r} does not say that the outcomes are "
                    "not equally likely: write {odds}."
                )

    def _cell(self, bare: SurveyCell) -> SurveyCell:
        """The cell with what the question says of all its cells."""
        name = f"survey/{self.name}"
        task = replace(bare.task, family=name, name=f"{name}/{bare.key}")
        return replace(bare, task=task, system=self.record.get("system"), draws=self.draws)

    def _task(self, cell: Cell) -> Task:
        if self.draws == 1:
            return cell.task
        return replace(cell.task, target=parse(f"sequence({cell.task.target}, {self.draws})"))

    def _label_sets(self, own: Sequence[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        """Names and labels of the sets: a kind, numbered where it comes several times."""
        kinds = [str(kind) for kind in self.record["labels"]]
        names, sets = list[str](), list[tuple[str, ...]]()
        for kind, labels in zip(
            kinds, label_sets(own, kinds, int(self.record.get("seed", 0))), strict=True
        ):
            named = f"{kind}{1 + kinds[: len(sets)].count(kind)}" if kinds.count(kind) > 1 else kind
            made = kind in ("word", "pair", "letter", "digit")
            names.append(named)
            sets.append(tuple(sorted(labels)) if made and self.record.get("sorted") else labels)
        if self.record.get("both"):
            names += [f"{name}-reversed" for name in names]
            sets += [labels[::-1] for labels in sets]
        return names, sets
