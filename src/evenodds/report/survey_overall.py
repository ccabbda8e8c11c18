"""A survey of several questions: the models over all of them, and the questions a line each."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from evenodds.report.short_names import short_names
from evenodds.report.survey_words import dollars
from evenodds.report.text import distance, fitted, percent
from evenodds.survey.analysis.analysis import Analysis, QuestionAnalysis
from evenodds.survey.analysis.overall import OverallRow

__all__ = ["MANY", "overall_lines", "overall_table", "question_lines", "question_table", "told"]

MANY = 6
"""More questions than these are told a line each, and the most biased of them in full."""
_NAME = 20


def told(analysis: Analysis, *, all_of_them: bool = False) -> tuple[QuestionAnalysis, ...]:
    """The questions that are told in full: all of a few, of many the most biased ones."""
    questions = analysis.questions
    if all_of_them or len(questions) <= MANY:
        return questions
    return tuple(sorted(questions, key=_order)[:MANY])


def _order(found: QuestionAnalysis) -> tuple[float, str]:
    return -(_mean(found) or 0.0), found.question


def _mean(found: QuestionAnalysis) -> float | None:
    """The mean shrunken tv of a question's models."""
    known = [row.shrunken for row in found.rows if row.shrunken is not None]
    return float(np.mean(known)) if known else None


def overall_lines(analysis: Analysis, shown: int | None = 10) -> list[str]:
    """The models over all questions, least biased first; none where there is one question."""
    rows = analysis.overall
    if not rows:
        return []
    head = (
        f"{fitted('over all questions', _NAME)}{'asked':>6}{'mean tv':>8}{'95%':>11}{'rank 95%':>9}"
        f"{'fair':>5}{'bias':>5}{'bad':>6}{'cost':>10}"
    )
    lines = [head, *_ends(rows, shown)]
    words = (
        "asked: questions with a valid answer; mean tv: of the estimates given all models; fair, "
        "bias: verdicts, each by itself, the rest is undecided; bad: replies that are no outcome. "
        "Models that answered other questions than their neighbours are not comparable with them."
    )
    return [*lines, *textwrap.wrap(words, 80)]


def _ends(rows: Sequence[OverallRow], shown: int | None) -> list[str]:
    names = short_names((row.model for row in rows), _NAME)
    lines = [_line(row, names) for row in rows]
    if shown is None or len(rows) <= 2 * shown:
        return lines
    between = f"  ... {len(rows) - 2 * shown} models between (--all shows them)"
    return [*lines[:shown], between, *lines[-shown:]]


def _line(row: OverallRow, names: Mapping[str, str]) -> str:
    return (
        f"{names[row.model]}{row.questions:>6}{distance(row.tv):>8}"
        f"{f'{distance(row.low)}-{distance(row.high)}':>11}{f'{row.rank_low}-{row.rank_high}':>9}"
        f"{row.fair:>5}{row.biased:>5}{percent(row.invalid):>6}{dollars(row.cost):>10}"
    )


def question_lines(analysis: Analysis, shown: int | None = 10) -> list[str]:
    """The questions a line each, the most biased first; none where all are told in full."""
    rows = sorted(analysis.questions, key=_order)
    if len(rows) <= MANY:
        return []
    name = 40
    head = f"{fitted('most biased question first', name)}{'models':>7}{'mean tv':>9}{'fair':>6}"
    lines = [f"{head}{'biased':>7}{'undecided':>11}"]
    for found in rows if shown is None else rows[: 2 * shown]:
        fair, biased, open_ = (found.number(v) for v in ("fair", "biased", "undecided"))
        start = f"{fitted(found.question, name)}{len(found.rows):>7}{distance(_mean(found)):>9}"
        lines.append(f"{start}{fair:>6}{biased:>7}{open_:>11}")
    left = len(rows) - len(lines) + 1
    more = [f"  ... and {left} more questions (--all shows all of them in full)"] if left else []
    return lines + more


def overall_table(analysis: Analysis) -> list[dict[str, str]]:
    """The models over all questions, for the page."""
    return [
        {
            "model": row.model,
            "questions": str(row.questions),
            "tv": distance(row.tv),
            "interval": f"{distance(row.low)} to {distance(row.high)}",
            "rank": f"{row.rank_low} to {row.rank_high}",
            "verdicts": f"{row.fair} / {row.undecided} / {row.biased}",
            "invalid": percent(row.invalid),
            "draws": f"{row.n:,}",
            "cost": dollars(row.cost),
        }
        for row in analysis.overall
    ]


def question_table(analysis: Analysis) -> list[dict[str, str]]:
    """The questions, the most biased first, for the page; none where all are told in full."""
    if len(analysis.questions) <= MANY:
        return []
    return [
        {
            "question": found.question,
            "models": str(len(found.rows)),
            "tv": distance(_mean(found)),
            "verdicts": " / ".join(str(found.number(v)) for v in ("fair", "undecided", "biased")),
        }
        for found in sorted(analysis.questions, key=_order)
    ]
