"""The draws of a survey as arrays, one table a question: what every analysis reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from evenodds.measure.cells import Floats
from evenodds.measure.equivalence import Verdict
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.reading import KINDS
from evenodds.survey.store_rows import Odds

__all__ = ["CellFacts", "Table", "Tables", "counted_table"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CellFacts:
    """The levels of the design's factors in a cell: what was asked, in words, labels and order."""

    key: str
    phrasing: str = ""
    labels: str = ""
    order: int = 0


@dataclass(frozen=True)
class Table:
    """All draws of one question that its verdicts may use, in order of model and number.

    `outcomes` (K,) names the outcomes, `target` (K,) holds their probabilities. Of each draw:
    `model`, `cell` (indices), `i` (its number), `kind` (index in `reading.KINDS`), `outcome` and
    `position` (-1 for none), `cost` in dollars, `latency` in seconds. `places`: how many places the
    order shown has, 0 where position cannot be told from outcome. `sequential`: whether it was the
    draws that decided how many there are. `why`: how each model's part ended, in a word;
    `recorded`: the verdicts of a run under rule e-BH, where it had one. `showing`: the models that
    were asked to show the odds of their replies; `odds`: model -> number of a draw -> those shown.
    `copied`: replies that were copies of earlier ones; none of them is among the draws.
    `pooled`: whether `recorded` bounds the false share of all verdicts, not that of each list.
    """

    question: str
    outcomes: tuple[str, ...]
    target: Floats
    models: tuple[str, ...]
    cells: tuple[CellFacts, ...]
    model: Ints
    i: Ints
    cell: Ints
    kind: Ints
    outcome: Ints
    position: Ints
    cost: Floats
    latency: Floats
    places: int = 0
    sequential: bool = True
    why: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, Verdict] = field(default_factory=dict)
    showing: frozenset[str] = frozenset()
    odds: Mapping[str, Mapping[int, Odds]] = field(default_factory=dict)
    copied: int = 0
    pooled: bool = False

    def __len__(self) -> int:
        return len(self.model)

    @cached_property
    def edges(self) -> Ints:
        """Where each model's draws begin, and where the last one's end: (M + 1,)."""
        return np.asarray(np.searchsorted(self.model, np.arange(len(self.models) + 1)))

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Model -> its index."""
        return {name: at for at, name in enumerate(self.models)}

    def rows(self, model: int) -> slice:
        """The draws of a model, by its index."""
        return slice(int(self.edges[model]), int(self.edges[model + 1]))

    @cached_property
    def n(self) -> Ints:
        """Draws of each model, valid or not: (M,)."""
        return np.diff(self.edges)

    @cached_property
    def counts(self) -> Ints:
        """Draws of each outcome of each model: (M, K)."""
        valid = self.outcome >= 0
        return _tally(self.model[valid], self.outcome[valid], len(self.models), len(self.target))

    @cached_property
    def kinds(self) -> Ints:
        """Draws of each kind of each model: (M, kinds)."""
        return _tally(self.model, self.kind, len(self.models), len(KINDS))

    @cached_property
    def at_places(self) -> Ints:
        """Draws of each model that stand at each place of the order shown: (M, places)."""
        placed = (self.position >= 0) & (self.position < max(1, self.places))
        rows, columns = self.model[placed], self.position[placed]
        return _tally(rows, columns, len(self.models), max(1, self.places))

    def indices(self, model: int) -> Ints:
        """The outcomes of a model in order, K for an answer that is none."""
        found = self.outcome[self.rows(model)]
        return np.where(found < 0, len(self.target), found)

    def kept(self, rows: npt.NDArray[np.bool_]) -> Table:
        """The table of some of the draws."""
        each = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return replace(self, **each)

    def first(self, at: Mapping[str, int]) -> Table:
        """The table of the first `at` draws of each model; all draws where it names no number."""
        rank = np.arange(len(self)) - self.edges[self.model]
        most = np.array([at.get(name, len(self)) for name in self.models], dtype=np.int64)
        return self.kept(rank < most[self.model])


_COLUMNS = ("model", "i", "cell", "kind", "outcome", "position", "cost", "latency")


def _tally(rows: Ints, columns: Ints, height: int, width: int) -> Ints:
    flat = np.bincount(rows * width + columns, minlength=height * width)
    return np.asarray(flat.reshape(height, width), dtype=np.int64)


@dataclass(frozen=True)
class Tables:
    """A survey: a table a question, what is known of the models, what each model cost in all.

    `spent`: dollars of a model, failed calls and open reservations included; `calls`: model ->
    calls ever made; `faults`: what calls without a reply came to, each with how often.
    """

    tables: tuple[Table, ...]
    infos: Mapping[str, ModelInfo] = field(default_factory=dict)
    spent: Mapping[str, float] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)


def counted_table(
    question: str,
    models: Sequence[str],
    counts: Ints,
    target: Floats,
    outcomes: Sequence[str] = (),
    *,
    sequential: bool = False,
) -> Table:
    """A table of which only counts (M, K) are known: one cell, no order, no costs.

    >>> counted_table("coin", ["a"], np.array([[2, 1]]), np.array([0.5, 0.5])).outcome.tolist()
    [0, 0, 1]
    """
    flat = np.asarray(counts, dtype=np.int64)
    many, k = flat.shape
    n = flat.sum(axis=1)
    model = np.repeat(np.arange(many), n)
    outcome = np.repeat(np.tile(np.arange(k), many), flat.ravel())
    i = np.arange(len(model)) - np.repeat(np.cumsum(n) - n, n)
    nothing, free = np.zeros(len(model), dtype=np.int64), np.zeros(len(model))
    names = tuple(outcomes) or tuple(map(str, range(k)))
    return Table(
        question,
        names,
        np.asarray(target, dtype=np.float64),
        tuple(models),
        (CellFacts("all"),),
        model,
        i,
        nothing,
        nothing,
        outcome,
        nothing - 1,
        free,
        free,
        sequential=sequential,
    )
