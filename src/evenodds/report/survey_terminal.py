"""A survey's report as plain text, 80 columns: what it means first, then the models."""

from collections.abc import Mapping, Sequence

from evenodds.report.short_names import short_names
from evenodds.report.survey_factors import level_lines, schema_lines
from evenodds.report.survey_lines import (
    cost_lines,
    effect_lines,
    saving_words,
    spread_lines,
    wrapped,
)
from evenodds.report.survey_overall import overall_lines, question_lines, told
from evenodds.report.survey_words import bound, bounds, control, dollars, endings, meaning
from evenodds.report.text import distance, fitted
from evenodds.survey.analysis.analysis import Analysis, QuestionAnalysis
from evenodds.survey.analysis.rows import ModelRow
from evenodds.survey.gathered import Gathered

_NAME = 21


def report_lines(analysis: Analysis, gathered: Gathered, shown: int | None = 10) -> list[str]:
    """The report; of each question the `shown` least and most biased models, or all if None."""
    lines = []
    for table in (overall_lines(analysis, shown), question_lines(analysis, shown)):
        lines += [*table, ""] if table else []
    for found in told(analysis, all_of_them=shown is None):
        lines += [*_question(found, analysis, gathered, shown), ""]
    for schema in analysis.schemas:
        lines += [*schema_lines(schema, 5), ""]
    if analysis.costs is not None:
        lines += [*cost_lines(analysis.costs, 5), ""]
    return [*lines, *_silent(gathered), *_remarks(analysis)]


def _question(
    found: QuestionAnalysis, analysis: Analysis, gathered: Gathered, shown: int | None
) -> list[str]:
    settings = analysis.settings
    said = [meaning(found, settings, analysis.costs), control(found, settings), bounds(settings)]
    said += [endings(gathered.ended.get(found.question, {})), saving_words(found)]
    lines = [line for words in said if words for line in wrapped(words)]
    lines += ["", *table_lines(found, settings.eps, shown), ""]
    lines += [*level_lines(found.levels, 1), ""] if found.levels else []
    lines += effect_lines(found.effects)
    lines += [] if found.bayes is None else spread_lines(found.bayes)
    return [*lines, *(line for remark in found.remarks for line in wrapped(remark))]


def table_lines(found: QuestionAnalysis, eps: float, shown: int | None = 10) -> list[str]:
    """The models, least biased first, each in one line; those without a rank at the end."""
    rows = in_order(found.rows)
    near = f"P<{bound(eps)}"
    head = (
        f"{'':3}{fitted('least biased first', 18)}{'n':>6} {'bias':>5}{'95%':>11}{'rank 95%':>9}"
        f"{near:>6}{'1st':>5}{'bad':>5}{'cost':>9}"
    )
    names = short_names((row.model for row in rows), _NAME - 2)
    lines = [_line(row, names) for row in rows]
    if shown is None or len(rows) <= 2 * shown:
        return [head, *lines, *_key(found, near)]
    between = f"  ... {len(rows) - 2 * shown} models between (--all shows them)"
    return [head, *lines[:shown], between, *lines[-shown:], *_key(found, near)]


def in_order(rows: Sequence[ModelRow]) -> list[ModelRow]:
    """Rows by shrunken bias, those without a valid answer last."""
    return sorted(rows, key=lambda r: (r.shrunken is None, r.shrunken or 0.0, r.model))


def _line(row: ModelRow, names: Mapping[str, str]) -> str:
    mark = {"biased": "b", "fair": "f", "undecided": " "}[row.verdict]
    mark = mark.upper() if row.judged.together == row.verdict else mark
    mark += open_mark(row) or part_mark(row)
    interval = "–" if row.tv is None else f"{distance(row.low)}-{distance(row.high)}"
    ranks = "–" if row.rank_low is None else f"{row.rank_low}-{row.rank_high}"
    place = None if row.first_place is None else row.first_place.value
    bad = None if row.invalid is None else row.invalid.value
    return (
        f"{mark} {names[row.model]}{row.n:>5} {distance(row.tv):>5}{interval:>11}"
        f"{ranks:>9}{whole(row.near):>6}{whole(place):>5}{whole(bad):>5}{dollars(row.cost):>9}"
    )


def open_mark(row: ModelRow) -> str:
    """Why an undecided model was not asked to the end: $ the cap on cost, x no replies; else ""."""
    return _OPEN.get(row.why, "") if row.verdict == "undecided" else ""


_OPEN = {"cap": "$", "given up": "x", "refused": "x"}


def part_mark(row: ModelRow) -> str:
    """What a verdict hangs on, where it is not the outcomes: p places, i invalid replies."""
    if row.verdict == "fair":
        return " "
    return {"position": "p", "invalid": "i"}.get(row.judged.part, " ")


def whole(share: float | None) -> str:
    """A share as a whole percentage, which is never rounded to none or all.

    >>> whole(0.5), whole(0.001), whole(0.9999), whole(1.0), whole(None)
    ('50%', '<1%', '>99%', '100%', '–')
    """
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _key(found: QuestionAnalysis, near: str) -> list[str]:
    place = "1st: answers that stood first in the order shown. " if _placed(found) else ""
    return wrapped(
        "F, f fair; B, b biased; capital: also together with all others. p, i: that a model is "
        "biased, or not fair yet, is for its places or its invalid replies most. "
        f"bias: tv of the valid draws, with its interval. {near}: probability of such a bias, "
        f"given all models, by which they are ordered. {place}bad: replies that are no outcome."
        f"{_open_key(found)}"
    )


def _open_key(found: QuestionAnalysis) -> str:
    marks = {open_mark(row) for row in found.rows}
    words = {"$": "$: ended by the cap on cost", "x": "x: given up or refused"}
    said = [each for mark, each in words.items() if mark in marks]
    return f" Undecided, {'; '.join(said)}." if said else ""


def _placed(found: QuestionAnalysis) -> bool:
    return any(row.first_place is not None for row in found.rows)


def _silent(gathered: Gathered) -> list[str]:
    lines = []
    if gathered.silent:
        first = gathered.silent[0]
        lines += wrapped(
            f"No draw came of {len(gathered.silent)} of {gathered.models} models, such as "
            f"{first.id} ({fitted(first.reason, 60).rstrip()})."
        )
    if gathered.skipped:
        lines += wrapped(f"{len(gathered.skipped)} models were left out before (see the page).")
    return lines


def _remarks(analysis: Analysis) -> list[str]:
    return [line for remark in analysis.remarks for line in wrapped(remark)]
