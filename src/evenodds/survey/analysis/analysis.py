"""From the draws of a survey to one record: all that a report says, and nothing it must compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from evenodds.errors import RunError
from evenodds.measure.cells import Floats
from evenodds.measure.certification import certify_n
from evenodds.measure.record import versions
from evenodds.survey.analysis.components import components
from evenodds.survey.analysis.costs import Costs, ModelCost, Saving, costs, saving
from evenodds.survey.analysis.covariate_matrix import matrix
from evenodds.survey.analysis.estimates import Posterior, posterior
from evenodds.survey.analysis.factor import SchemaEffect, schema_effects
from evenodds.survey.analysis.levels import Level, levels, words_of
from evenodds.survey.analysis.overall import OverallRow, Standings, overall
from evenodds.survey.analysis.ranking import ranked
from evenodds.survey.analysis.regression import Effect, Regression, regression
from evenodds.survey.analysis.regression_bayes import SpreadRegression, spread_regression
from evenodds.survey.analysis.rows import ModelRow, model_rows
from evenodds.survey.analysis.settings import ARTICLE, Settings
from evenodds.survey.analysis.tables import Table, Tables
from evenodds.survey.analysis.verdicts import Judged, judge_draws
from evenodds.survey.analysis.weighed import Weighed, weighed
from evenodds.survey.question import SurveyQuestion
from evenodds.survey.stopping import Bounds

__all__ = ["ARTICLE", "Analysis", "QuestionAnalysis", "Settings", "analyse", "analyse_question"]

FORMAT = 1
FEW = 12
"""Of more questions it is not computed what a fixed design takes: a second each."""


@dataclass(frozen=True)
class QuestionAnalysis:
    """One question: a row for each model, effects of traits, what stopping saved.

    `ranked`: how many models have a rank; `top`: how many "among the first" means. `bayes` holds
    the location-scale regression where it was fitted (see `regression_bayes`), `levels` the bias of
    each wording, label set and order over all models. `pooled`: whether the verdicts together bound
    the false share of all of them, not that of "biased" and that of "fair" each. `method`: how they
    were found: "e-BH" by the run itself, else by Benjamini & Hochberg's procedure (see `verdicts`).
    """

    question: str
    outcomes: tuple[str, ...]
    target: tuple[float, ...]
    rows: tuple[ModelRow, ...]
    ranked: int
    top: int
    saved: Saving
    effects: Regression
    sequential: bool = True
    bayes: Mapping[str, Any] | None = None
    remarks: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    pooled: bool = False
    method: str = "Benjamini-Hochberg"

    def number(self, verdict: str, *, together: bool = False) -> int:
        """How many models have this verdict, each by itself or all together."""
        found = (r.judged.together if together else r.judged.verdict for r in self.rows)
        return sum(each == verdict for each in found)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> QuestionAnalysis:
        """Rebuild what `Analysis.to_json` wrote."""
        made = dict(record)
        for name in ("outcomes", "target", "remarks"):
            made[name] = tuple(made[name])
        made["rows"] = tuple(ModelRow.from_json(row) for row in made["rows"])
        made["saved"] = Saving(**made["saved"])
        effects = tuple(Effect(**each) for each in made["effects"]["effects"])
        made["effects"] = Regression(**{**made["effects"], "effects": effects})
        made["levels"] = tuple(Level.from_json(each) for each in made.get("levels", ()))
        return cls(**made)


@dataclass(frozen=True)
class Analysis:
    """All questions of a survey, its costs, and what has to be said beside the numbers.

    `schemas`: what a schema does to the answers, of each question that was asked both ways.
    `overall`: the models over all questions, least biased first; empty where there is one question.

    >>> nothing = Analysis((), None, Settings())
    >>> Analysis.from_json(nothing.to_json()) == nothing
    True
    """

    questions: tuple[QuestionAnalysis, ...]
    costs: Costs | None
    settings: Settings
    remarks: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    schemas: tuple[SchemaEffect, ...] = ()
    overall: tuple[OverallRow, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The analysis as JSON values."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Analysis:
        """Rebuild an analysis that `to_json` wrote. Raises RunError for another record."""
        if record.get("format") != FORMAT:
            raise RunError(
                f"This analysis has format {record.get('format')!r}, not {FORMAT}: analyse the "
                "survey anew, its draws are kept."
            )
        settings = {**record["settings"], "contrasts": tuple(record["settings"]["contrasts"])}
        return cls(
            tuple(QuestionAnalysis.from_json(each) for each in record["questions"]),
            _costs(record["costs"]),
            Settings(**settings),
            tuple(record["remarks"]),
            record["versions"],
            tuple(SchemaEffect.from_json(each) for each in record.get("schemas", ())),
            tuple(OverallRow(**each) for each in record.get("overall", ())),
        )


def _costs(record: Mapping[str, Any] | None) -> Costs | None:
    if record is None:
        return None
    return Costs(**{**record, "models": tuple(ModelCost(**each) for each in record["models"])})


def analyse(
    tables: Tables,
    questions: Mapping[str, SurveyQuestion],
    settings: Settings | None = None,
    *,
    bayes: bool = False,
) -> Analysis:
    """Analyse a survey: verdicts, estimates, ranks, parts of bias, effects of traits, costs.

    `questions`: name -> question of each table. `bayes` fits the location-scale regression to
    questions of two outcomes. Raises RunError for a table without its question, and for `bayes`
    without numpyro or without such a question.
    """
    asked = settings or Settings()
    found, standings = [], Standings()
    for table in tables.tables:
        if table.question not in questions:
            raise RunError(
                f"The survey asked {table.question!r}, which is not among the questions given: "
                "analyse it with the questions that it was run with."
            )
        judged = judge_draws(
            table,
            questions[table.question],
            eps=asked.eps,
            alpha=asked.alpha,
            minimum=asked.minimum,
            bounds=Bounds(asked.position, asked.invalid),
        )
        drawn = drawn_of(table, judged, asked)
        standings.add([table.models[m] for m in np.flatnonzero(_valid(table))], drawn)
        each = analyse_question(table, judged, tables, asked, drawn)
        words = words_of(questions[table.question])
        parts = levels(table, tables, words, alpha=asked.alpha, seed=asked.seed)
        found.append(replace(each, levels=parts))
    if bayes:
        found = _with_spread(found, tables, asked)
    schemas = schema_effects(tables, alpha=asked.alpha, seed=asked.seed)
    over = overall({each.question: each.rows for each in found}, standings, asked.seed)
    return Analysis(tuple(found), costs(tables), asked, _remarks(tables), versions(), schemas, over)


def drawn_of(table: Table, judged: Sequence[Judged], settings: Settings) -> Posterior:
    """The posterior draws of the models of a table that gave a valid answer, in its order."""
    weights = _weights(table, weighed(table, judged))
    return posterior(weights[_valid(table)], table.target, seed=settings.seed)


def _valid(table: Table) -> npt.NDArray[np.bool_]:
    """Which models of a table gave a valid answer."""
    return np.asarray(table.counts.sum(axis=1) > 0)


def analyse_question(
    table: Table,
    judged: Sequence[Judged],
    tables: Tables,
    settings: Settings,
    drawn: Posterior | None = None,
) -> QuestionAnalysis:
    """Analyse one table whose models are judged already; `drawn`: see `drawn_of`."""
    valid = np.flatnonzero(_valid(table))
    shown = weighed(table, judged)
    drawn = drawn or drawn_of(table, judged, settings)
    ranks = ranked(drawn, settings.top, settings.seed)
    rows = model_rows(
        table,
        _recorded(judged, table),
        components(table),
        drawn,
        ranks,
        eps=settings.eps,
        alpha=settings.alpha,
        shown=shown,
    )
    models = [table.models[m] for m in valid]
    effects = regression(
        drawn.mean,
        matrix(models, tables.infos, settings.contrasts),
        alpha=settings.alpha,
        seed=settings.seed,
    )
    few = len(tables.tables) <= FEW
    fixed = certify_n(table.target, settings.eps, alpha=settings.alpha) if few else None
    return QuestionAnalysis(
        table.question,
        table.outcomes,
        tuple(table.target.tolist()),
        rows,
        len(valid),
        ranks.top,
        saving(table, fixed),
        effects,
        table.sequential,
        remarks=_question_remarks(table, len(valid)) + _odds_remarks(table, judged),
        pooled=table.pooled and bool(table.recorded),
        method="e-BH" if table.recorded else "Benjamini-Hochberg",
    )


def _weights(table: Table, shown: Mapping[int, Weighed]) -> Floats:
    """Counts of each model (M, K); where odds were shown, counts that vary as little as they do."""
    counts = table.counts.astype(np.float64)
    for model, each in shown.items():
        counts[model] = each.counts
    return counts


def _with_spread(
    found: Sequence[QuestionAnalysis], tables: Tables, settings: Settings
) -> list[QuestionAnalysis]:
    """The questions, those of two outcomes with the location-scale regression."""
    pairs = [len(each.target) == 2 for each in found]
    if not any(pairs):
        raise RunError(
            "The location-scale regression is one of two outcomes, and no question has two: leave "
            "--bayes out, the plain regression takes any number."
        )
    return [
        replace(each, bayes=_spread(each, tables, settings).to_json()) if pair else each
        for each, pair in zip(found, pairs, strict=True)
    ]


def _spread(found: QuestionAnalysis, tables: Tables, settings: Settings) -> SpreadRegression:
    rows = [row for row in found.rows if row.valid]
    traits = matrix([row.model for row in rows], tables.infos, settings.contrasts)
    counts = np.array([row.counts for row in rows], dtype=np.int64)
    return spread_regression(counts, found.target[0], traits, seed=settings.seed)


def _recorded(judged: Sequence[Judged], table: Table) -> list[Judged]:
    """The verdicts as the run's own e-BH found them, where it did: the claim that was asked for."""
    found = []
    for each, model in zip(judged, table.models, strict=True):
        verdict = table.recorded.get(model)
        kept = each if verdict is None else replace(each, verdict=verdict, together=verdict)
        found.append(kept)
    return found


def _question_remarks(table: Table, ranked: int) -> tuple[str, ...]:
    said = []
    if silent := len(table.models) - ranked:
        said.append(f"{silent} of {len(table.models)} models gave no valid answer: no rank.")
    if table.sequential:
        said.append(
            "The draws decided how many there are: intervals hold at any stopping time; parts of "
            "bias (within prompts, position) are unbiased only for numbers fixed before."
        )
    if table.copied:
        said.append(f"Copies of earlier replies (a cache), none of them a draw: {table.copied:,}.")
    if table.places < 2:
        said.append("Orders were not turned: position bias cannot be told from bias.")
    return tuple(said)


def _odds_remarks(table: Table, judged: Sequence[Judged]) -> tuple[str, ...]:
    showed = [each for each in judged if each.shown]
    if not showed:
        return ()
    said = [
        f"{len(showed)} of {len(judged)} models showed log-probabilities: verdicts, bias and ranks "
        "of these use the odds that their draws came with, as long as the two agree."
    ]
    doubted = [m for m, each in zip(table.models, judged, strict=True) if not each.trusted]
    if doubted:
        said.append(
            f"{', '.join(doubted)}: drawn otherwise than by the odds shown, which count no more."
        )
    return tuple(said)


def _remarks(tables: Tables) -> tuple[str, ...]:
    lost = sum(tables.faults.values())
    return (f"{lost:,} calls brought no reply; none of them is a draw.",) if lost else ()
