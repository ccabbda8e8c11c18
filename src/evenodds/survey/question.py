"""What a survey asks: a question, its law, and the cells in which it is put.

A call draws its cell (phrasing, labels, order) at random, independently of all others and as a
function of nothing but seed, model, question and number: so the draws of a model, whatever cell
they came from, are independent and of one law, and may be stopped at any time (see `stopping`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from evenodds.distributions import Pmf
from evenodds.errors import RunError
from evenodds.measure.lists.listing import listing
from evenodds.measure.lists.reading import STRAY, Read, Reader, Unread
from evenodds.measure.prompting.design import rotated
from evenodds.measure.shown import Spellings
from evenodds.models.base import Decoding, Turn
from evenodds.survey.structured import response_format, supports
from evenodds.tasks.answer import Answer, Hit
from evenodds.tasks.task import Task, content_hash

if TYPE_CHECKING:
    from evenodds.survey.reading import Reading

__all__ = ["QUESTIONS", "SurveyCell", "SurveyQuestion"]


@dataclass(frozen=True)
class SurveyCell:
    """One way to put a question: its key within the question, and the task that is sent.

    `labels` name the outcomes of one draw, in the law's order; the prompt names them from number
    `order` on, then from the first (`shown`). `phrasing` and `label_set` name the levels of the
    design's factors. `structured`: the server is asked for JSON of a given shape. `draws`: how many
    draws one answer holds.
    """

    key: str
    task: Task
    labels: tuple[str, ...]
    order: int = 0
    phrasing: str = ""
    structured: bool = False
    system: str | None = None
    label_set: str = ""
    draws: int = 1

    @property
    def shown(self) -> tuple[str, ...]:
        """The labels in the order in which the prompt names them."""
        return rotated(self.labels, self.order)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation that is sent, without the system prompt."""
        return (Turn("user", self.task.prompt),)

    @cached_property
    def response_format(self) -> dict[str, Any] | None:
        """The request's `response_format`; None where the answer is free."""
        if not self.structured:
            return None
        return response_format(self.shown, self.task.target, self.draws)

    def answer(self, said: str, *, cut: bool = False) -> Answer | Read | Unread:
        """What a text means: an answer of the task, or a list of draws where several are asked."""
        return self.task.parse(said) if self.draws == 1 else self._reader.read(said, cut=cut)

    def outcome_of(self, answer: Answer | Read | Unread) -> int | None:
        """The index of the answer in the question's law; None for what is no outcome.

        Of a list it is how many of its draws are outcome 0, if it is a list of the asked length.
        """
        if isinstance(answer, Hit):
            return self._index.get(str(answer.outcome))
        if isinstance(answer, Read) and self._whole(answer):
            return answer.items.count(0)
        return None

    def position_of(self, answer: Answer | Read | Unread) -> int | None:
        """Where what was answered stands in the order shown, from 0; of a list, its first draw."""
        index = self.outcome_of(answer)
        if isinstance(answer, Read) and index is not None:
            index = answer.items[0]
        return None if index is None else (index - self.order) % len(self.labels)

    def to_json(self) -> dict[str, Any]:
        """The cell as JSON values."""
        return {**vars_of(self), "task": self.task.to_json(), "labels": list(self.labels)}

    def _whole(self, read: Read) -> bool:
        return len(read.items) == self.draws and STRAY not in read.items

    @cached_property
    def spellings(self) -> Spellings:
        """Every spelling of every outcome, to be looked up by its beginning."""
        return Spellings(self.task)

    @property
    def opening(self) -> str:
        """What stands before an answer in its frame; "" for a bare one."""
        form = self.task.format
        return {"tag": f"<{form.label}>", "prefix": form.label, "json": "{"}.get(form.kind, "")

    @cached_property
    def _index(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self.labels)}

    @cached_property
    def _reader(self) -> Reader:
        return Reader(listing(self.task), self.task.format, self.task.prompt)

    @cached_property
    def readings(self) -> dict[tuple[str, str], Reading]:
        """Short replies that were read before (text, finish), so that a million cost little."""
        return {}


def vars_of(cell: SurveyCell) -> dict[str, Any]:
    """The fields of a cell, without what was computed from them."""
    return {name: getattr(cell, name) for name in cell.__dataclass_fields__}


@dataclass(frozen=True)
class SurveyQuestion:
    """A question with the law of a fair answer and its cells, each asked with equal chances.

    `positions`: whether a fair answer stands at every place of the order shown equally often, so
    that position bias can be told from bias: every label set is asked in all cyclic orders.
    Raises RunError for no cells and for cells of one key.
    """

    name: str
    law: Pmf[Any]
    cells: tuple[SurveyCell, ...]
    decoding: Decoding = field(default_factory=Decoding)
    max_tokens: int = 256

    def __post_init__(self) -> None:
        """Refuse a question that cannot be asked; the length limit stands in the decoding too."""
        if not self.cells:
            raise RunError(f"The question {self.name!r} has no cells: give it a prompt.")
        if len(self.by_key) < len(self.cells):
            raise RunError(f"Cells of {self.name!r} share a key: give each a key of its own.")
        told = replace(self.decoding, max_new_tokens=self.max_tokens)
        object.__setattr__(self, "decoding", told)

    @cached_property
    def by_key(self) -> Mapping[str, SurveyCell]:
        """Key -> cell."""
        return {cell.key: cell for cell in self.cells}

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Key -> number of the cell."""
        return {cell.key: i for i, cell in enumerate(self.cells)}

    @cached_property
    def positions(self) -> bool:
        """Whether position bias can be told from bias."""
        orders: dict[tuple[str, str, bool, str | None], list[int]] = {}
        for cell in self.cells:
            prompt = (cell.phrasing, cell.label_set, cell.structured, cell.system)
            orders.setdefault(prompt, []).append(cell.order)
        many = len(self.cells[0].labels)
        return many > 1 and all(sorted(each) == list(range(many)) for each in orders.values())

    @cached_property
    def places(self) -> int:
        """How many places the order shown has."""
        return len(self.cells[0].labels)

    @cached_property
    def hash(self) -> str:
        """16 hex digits that name the content: what is asked, how, and what a fair answer is."""
        law = [[str(outcome), weight] for outcome, weight in self.law.items()]
        cells = [cell.to_json() for cell in self.cells]
        return content_hash([self.name, law, cells, self.decoding.to_json()])

    def asks(self, supported: frozenset[str]) -> bool:
        """Whether a model with these supported parameters can be asked at all."""
        return supports(supported) or any(not cell.structured for cell in self.cells)

    def cell(self, model: str, i: int, seed: int, structured: bool = False) -> SurveyCell:
        """The cell of call `i` to a model: drawn at random, all equally likely, calls independent.

        A function of its arguments and the question's name alone. `structured`: whether the
        endpoint takes a schema; where it does not, only free cells are drawn. Raises RunError where
        there are none.

        >>> QUESTIONS["coin"].cell("a/b", 0, seed=1) is QUESTIONS["coin"].cell("a/b", 0, seed=1)
        True
        """
        cells = self.cells if structured else self._free
        if not cells:
            raise RunError(f"{model} takes no schema, and {self.name} needs one: leave it out.")
        text = f"{seed}\x1f{model}\x1f{self.name}\x1f{i}"
        number = int.from_bytes(blake2b(text.encode(), digest_size=16).digest())
        return cells[number % len(cells)]

    def decoding_of(self, cell: SurveyCell) -> Decoding:
        """How a cell's reply is drawn: the question's decoding with the cell's system prompt."""
        if cell.system is None:
            return self.decoding
        return replace(self.decoding, system=cell.system)

    @cached_property
    def _free(self) -> tuple[SurveyCell, ...]:
        return tuple(cell for cell in self.cells if not cell.structured)


class _Questions(Mapping[str, SurveyQuestion]):
    """The questions that come with the package, each built when it is asked for."""

    names = ("coin", "coin_article", "die", "hundred", "weighted", "twelve")
    structured = tuple(f"{name}_structured" for name in names if name != "coin_article")

    def __getitem__(self, name: str) -> SurveyQuestion:
        if name not in self:
            raise KeyError(name)
        return _built(name)

    def __contains__(self, name: object) -> bool:
        return name in self.names or name in self.structured

    def __iter__(self) -> Iterator[str]:
        return iter(self.names + self.structured)

    def __len__(self) -> int:
        return len(self.names + self.structured)


@lru_cache(maxsize=16)
def _built(name: str) -> SurveyQuestion:
    from evenodds.survey.cells import built_in

    return built_in(name)


QUESTIONS: Mapping[str, SurveyQuestion] = _Questions()
"""Name -> question: one toss over the whole design, the article's prompt alone, a die, 1 to 100, a
pick with stated chances, twelve tosses in one answer; NAME_structured asks the same with a schema.
"""
