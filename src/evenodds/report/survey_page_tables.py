"""The tables of a survey's page as plain texts: what each cell says is decided here."""

from collections.abc import Mapping, Sequence
from typing import Any

from evenodds.report.audit import small
from evenodds.report.survey_factors import schema_words
from evenodds.report.survey_figures import THOUSAND
from evenodds.report.survey_lines import signed
from evenodds.report.survey_terminal import whole
from evenodds.report.survey_words import dearest, dollars
from evenodds.report.text import distance, printable
from evenodds.survey.analysis.analysis import Analysis
from evenodds.survey.analysis.factor import SchemaEffect
from evenodds.survey.analysis.levels import FACTORS, Level
from evenodds.survey.analysis.rows import ModelRow
from evenodds.survey.gathered import OddReply

__all__ = ["costs_table", "gates", "levels_table", "odd", "parts", "schema_table"]

DEAREST, PLACED, LEVELS, CHANGED = 10, 8, 3, 8
KINDS: Mapping[str, str] = {
    "off_support": "an answer that was not on offer",
    "malformed": "no answer, or several",
    "refused": "declined by the model",
    "filtered": "withheld by a filter",
    "truncated": "cut by the length limit",
    "empty": "nothing said",
}
"""Kind of a reply without an outcome -> what it is (see `survey.reading`)."""


def gates(bayes: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """What the location-scale regression had to pass, and what it showed."""
    if bayes is None:
        return []
    gates = bayes["gates"]
    return [
        ("largest R-hat, at most 1.01", f"{gates['r_hat']:.3f}"),
        ("least effective draws, 400 or more", f"{gates['ess']:.0f}"),
        ("divergences, none", str(gates["divergences"])),
        *((f"{name}, p within .01 to .99", f"{p:.2f}") for name, p in gates["checks"].items()),
    ]


def parts(rows: Sequence[ModelRow]) -> list[dict[str, str]]:
    """Models that lean most to a place in the order shown, with where their bias comes from."""
    known = [row for row in rows if row.components.position is not None]
    most = sorted(known, key=lambda row: -(row.components.position or 0.0))[:PLACED]
    names = ("position", "marginal", "within", "phrasing", "labels")
    return [
        {
            "model": row.model,
            "first": whole(None if row.first_place is None else row.first_place.value),
            **{name: distance(row.components.bias(name)) for name in names},
        }
        for row in most
    ]


def odd(reply: OddReply) -> dict[str, Any]:
    shown = "\n".join(printable(line, 400) for line in reply.text[:400].splitlines())
    return {
        "model": reply.model,
        "kind": reply.kind.replace("_", " "),
        "what": KINDS.get(reply.kind, ""),
        "count": reply.count,
        "prompt": printable(" \u23ce ".join(reply.prompt.splitlines()), 200),
        "text": shown.strip() or "(nothing)",
        "finish": reply.finish,
    }


def costs_table(analysis: Analysis) -> dict[str, Any] | None:
    found = analysis.costs
    if found is None or not found.spent:
        return None
    return {
        "title": f"{dollars(found.spent)} for {found.draws:,} draws",
        "half": dearest(found.half),
        "models": len(found.models),
        "rows": [
            {
                "model": row.model,
                "spent": dollars(row.spent),
                "share": whole(row.share),
                "draws": f"{row.draws:,}",
                "a_draw": "–" if row.a_draw is None else dollars(THOUSAND * row.a_draw),
                "seconds": "–" if row.seconds is None else f"{row.seconds:.2f}",
            }
            for row in found.models[:DEAREST]
        ],
    }


def levels_table(found: Sequence[Level]) -> list[dict[str, Any]]:
    """Of wordings, labels and orders the three most biased each, and the least."""
    rows = []
    for factor in FACTORS:
        each = [level for level in found if level.factor == factor]
        rows += [*each[:LEVELS], *each[max(LEVELS, len(each) - 1) :]]
    return [_level(level) for level in rows]


def _level(level: Level) -> dict[str, Any]:
    ends = level.interval
    return {
        "factor": {"phrasing": "wording"}.get(level.factor, level.factor),
        "words": printable(" \u23ce ".join(level.words.splitlines()), 160),
        "draws": f"{level.draws:,}",
        "bias": distance(level.bias),
        "interval": "–" if ends is None else f"{distance(ends[0])} to {distance(ends[1])}",
        "p": small(level.p_adjusted),
        "finding": level.finding,
    }


def schema_table(found: SchemaEffect) -> dict[str, Any]:
    """What a schema changes: the sentences, and the most changed models."""
    rows = sorted(found.models, key=lambda row: (row.p_value, -abs(row.change), row.model))
    return {
        "question": found.question,
        "words": schema_words(found),
        "rows": [
            {
                "model": row.model,
                "draws": f"{row.free:,} and {row.structured:,}",
                "free": distance(row.bias_free),
                "structured": distance(row.bias_structured),
                "change": signed(row.change),
                "interval": f"{signed(row.change_low)} to {signed(row.change_high)}",
                "p": small(row.p_adjusted),
                "finding": row.finding,
            }
            for row in rows[:CHANGED]
        ],
    }
