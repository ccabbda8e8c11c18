"""What a survey will cost, before anything is paid: at worst, and in all likelihood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from evenodds.errors import BudgetError
from evenodds.models.base import Turn
from evenodds.models.endpoint_body import Support, messages
from evenodds.survey.cost import Typical, prompt_bytes, thinks, worst
from evenodds.survey.interfaces import CellLike, QuestionLike
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.store_rows import parts_of_cap

__all__ = ["Plan", "PlanLine", "Planned", "longest", "plan"]


class Planned(QuestionLike, Protocol):
    """A question whose cells can be listed, and who can be asked it."""

    @property
    def cells(self) -> Sequence[CellLike]:
        """All cells."""
        ...


@dataclass(frozen=True)
class PlanLine:
    """One model and one question: dollars of a call and of all draws; None is unknown.

    `draws` is the most, `expected_draws` what a run that stops when decided takes on average;
    `longest` is the limit of a reply in tokens, thought included.
    """

    model: str
    question: str
    draws: int
    expected_draws: float
    worst_call: float | None
    expected_call: float | None
    thinks: bool
    longest: int = 0

    @property
    def worst(self) -> float | None:
        """Dollars of all draws at worst, each answered at the first attempt."""
        return None if self.worst_call is None else self.draws * self.worst_call

    @property
    def expected(self) -> float | None:
        """Dollars of the draws in all likelihood."""
        return None if self.expected_call is None else self.expected_draws * self.expected_call


@dataclass(frozen=True)
class Plan:
    """Models x questions x draws with their cost, dearest first, and the caps that hold.

    `cap` bounds all that is ever spent, `cap_per_model` what each model may cost, both in dollars
    and over all questions and resumes; None bounds nothing. A model whose prices are unknown cannot
    be asked under a cap. `thought`: tokens that a model which thinks may take beyond the question's
    limit, so that it comes to an answer.
    """

    lines: tuple[PlanLine, ...]
    draws: int
    cap: float | None = None
    cap_per_model: float | None = None
    typical: Typical = field(default_factory=Typical)
    thought: int = 0

    @property
    def capped(self) -> bool:
        """Whether there is any cap."""
        return self.cap is not None or self.cap_per_model is not None

    @property
    def calls(self) -> int:
        """The most draws that are asked."""
        return sum(line.draws for line in self.lines)

    @property
    def worst(self) -> float:
        """Dollars at worst, of the models with known prices, caps not regarded."""
        return sum(line.worst or 0.0 for line in self.lines)

    @property
    def expected(self) -> float:
        """Dollars in all likelihood, of the models with known prices, caps not regarded."""
        return sum(line.expected or 0.0 for line in self.lines)

    @property
    def most(self) -> float:
        """Dollars that can be spent at the very most, caps regarded."""
        spent = self.worst
        if self.cap_per_model is not None:
            spent = sum(min(cost, self.cap_per_model) for cost in self.by_model().values())
        return spent if self.cap is None else min(spent, self.cap)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Models whose prices are unknown."""
        return tuple(sorted({line.model for line in self.lines if line.worst_call is None}))

    def by_model(self) -> dict[str, float]:
        """Dollars at worst of each model over all questions."""
        found: dict[str, float] = {}
        for line in self.lines:
            found[line.model] = found.get(line.model, 0.0) + (line.worst or 0.0)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        lines = [
            {**vars(line), "worst": line.worst, "expected": line.expected} for line in self.lines
        ]
        return {
            "calls": self.calls,
            "worst": self.worst,
            "expected": self.expected,
            "most": self.most,
            "cap": self.cap,
            "cap_per_model": self.cap_per_model,
            "thought_tokens": self.thought,
            "typical": self.typical.to_json(),
            "unknown": list(self.unknown),
            "lines": lines,
        }


def plan(
    models: Iterable[ModelInfo],
    questions: Sequence[Planned],
    draws: int,
    *,
    cap: float | None = None,
    cap_per_model: float | None = None,
    typical: Typical | None = None,
    expected_draws: float | None = None,
    seen: Mapping[tuple[str, str], tuple[float, int]] | None = None,
    thought: int = 0,
) -> Plan:
    """Return the plan of asking every model every question `draws` times at most.

    `expected_draws` is how many a run that stops early takes on average; `seen` holds for (model,
    question) the dollars and the number of draws so far (`Store.costs`), from which more is known
    than from `typical` numbers of tokens. Questions that a model cannot be asked are left out.
    `thought` is added to the limit of replies of models that think. Raises BudgetError for caps or
    numbers of draws that cannot be.
    """
    if draws < 1:
        raise BudgetError(f"{draws} draws tell nothing: plan at least 1.")
    if thought < 0:
        raise BudgetError(f"{thought} tokens of thought cannot be: give 0 or more.")
    for each in (cap, cap_per_model):
        if each is not None:
            parts_of_cap(each)
    likely = typical or Typical()
    mean = min(draws, draws if expected_draws is None else expected_draws)
    sizes = {question.name: _largest(question) for question in questions}
    lines = [
        _line(
            model,
            question,
            sizes[question.name],
            (draws, mean),
            _Likely(likely, seen or {}, thought),
        )
        for model in models
        for question in questions
        if asks(question, model)
    ]
    lines.sort(key=lambda line: (-(line.worst or 0.0), line.model, line.question))
    return Plan(tuple(lines), draws, cap, cap_per_model, likely, thought)


def asks(question: QuestionLike, model: ModelInfo) -> bool:
    """Whether a model can be asked a question at all."""
    able: Any = getattr(question, "asks", None)
    return able is None or bool(able(model.supported))


def shape_of(cell: CellLike) -> Mapping[str, Any] | None:
    """The `response_format` that a cell sends."""
    shape: Mapping[str, Any] | None = getattr(cell, "response_format", None)
    return shape if cell.structured else None


def longest(question: QuestionLike, model: ModelInfo, thought: int) -> int:
    """Tokens that a reply may have: the question's limit, of a model that thinks `thought` more,
    and never more than the model can write."""
    most = question.max_tokens + (thought if thinks(model) else 0)
    return min(most, model.max_completion or most)


def decoding_of(question: QuestionLike, cell: CellLike, most: int | None = None) -> Any:
    """How a cell's reply is drawn: the question's decoding with the cell's system prompt.

    `most` tokens, or as many as the question allows.
    """
    told = replace(question.decoding, max_new_tokens=most or question.max_tokens)
    return told if cell.system is None else replace(told, system=cell.system)


def _largest(question: Planned) -> int:
    """Bytes of the longest prompt of a question."""
    return max(_bytes(question, cell) for cell in question.cells)


def _bytes(question: QuestionLike, cell: CellLike) -> int:
    decoding = decoding_of(question, cell)
    said = messages((Turn("user", cell.task.prompt),), decoding, prefill=True)
    shape = shape_of(cell)
    fields = {} if shape is None else {"response_format": dict(shape)}
    return prompt_bytes(Support().body("", said, decoding, 0, fields))


_ENOUGH = 5
"""So many paid draws say more about a call's cost than typical numbers do."""


@dataclass(frozen=True)
class _Likely:
    """What a call costs in all likelihood: as it did so far, else by typical numbers."""

    typical: Typical
    seen: Mapping[tuple[str, str], tuple[float, int]]
    thought: int

    def cost(self, model: ModelInfo, question: QuestionLike, size: int) -> float | None:
        """Dollars of a call; None where nothing is known."""
        dollars, paid = self.seen.get((model.id, question.name), (0.0, 0))
        if paid >= _ENOUGH:
            return dollars / paid
        return self.typical.cost(model, size, longest(question, model, self.thought))


def _line(
    model: ModelInfo, question: Planned, size: int, draws: tuple[int, float], likely: _Likely
) -> PlanLine:
    return PlanLine(
        model=model.id,
        question=question.name,
        draws=draws[0],
        expected_draws=draws[1],
        worst_call=worst(model.prices, size, longest(question, model, likely.thought)),
        expected_call=likely.cost(model, question, size),
        thinks=thinks(model),
        longest=longest(question, model, likely.thought),
    )
