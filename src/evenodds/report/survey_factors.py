"""What a survey's factors do, in lines of 80 columns: a schema, wordings, labels, orders."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from evenodds.report.audit import small
from evenodds.report.text import distance, fitted
from evenodds.survey.analysis.clustered import MeanOver
from evenodds.survey.analysis.factor import ArmEffect, SchemaEffect
from evenodds.survey.analysis.levels import Level

__all__ = ["level_lines", "schema_lines", "schema_words"]

WIDTH = 80
_NAME = 26
_FACTORS = {"phrasing": "wording", "labels": "labels", "order": "order"}


def schema_lines(found: SchemaEffect, shown: int = 10) -> list[str]:
    """What a schema changes: the sentences, then the `shown` most changed models."""
    lines = textwrap.wrap(schema_words(found), WIDTH)
    if not found.models:
        return lines
    head = f"{'free':>5}{'json':>6}{'bias':>6}{'with':>6}{'change':>8}{'interval':>15}{'p':>7}"
    rows = sorted(found.models, key=lambda row: (row.p_value, -abs(row.change), row.model))
    return [*lines, f"{fitted('most changed first', _NAME)}{head}", *map(_arms, rows[:shown])]


def schema_words(found: SchemaEffect) -> str:
    """The effect of a schema over all models, in sentences."""
    sizes = [each.free + each.structured for each in found.models]
    few = (
        " Draws stopped when verdicts were clear, so of biased models there are few: a change may "
        "go unseen (ask both with --fixed)."
    )
    return (
        f"{found.question} with a schema: {found.cells} prompts were asked both ways, of "
        f"{len(found.models)} models ({sum(sizes):,} valid draws). {_found(found)}"
        f"{_mean('Mean change in bias', found.mean)}"
        f"{_mean('Mean change in invalid replies', found.invalid)}{few if found.sequential else ''}"
    )


def _found(effect: SchemaEffect) -> str:
    """How many models it changes, and how sure that is."""
    more, less = effect.number(1), effect.number(-1)
    others = sum(each.finding for each in effect.models) - more - less
    if not more + less + others:
        return "Of no model it is shown to change the answers."
    besides = f", and {others} otherwise" if others else ""
    return (
        f"It makes {more} more biased and {less} less{besides}; of these findings at most "
        f"{effect.alpha:.0%} are wrong on average."
    )


def _mean(words: str, mean: MeanOver | None) -> str:
    if mean is None:
        return ""
    if mean.low is None or mean.high is None:
        return (
            f" {words} {_signed(mean.estimate)} ({mean.organisations} organisations are too few "
            "for an interval)."
        )
    return f" {words} {_signed(mean.estimate)} ({_signed(mean.low)} to {_signed(mean.high)})."


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{abs(value):.3f}".replace("0.", ".", 1)


def _arms(row: ArmEffect) -> str:
    interval = f"{_signed(row.change_low)} to {_signed(row.change_high)}"
    mark = "* " if row.finding else "  "
    return (
        f"{mark}{fitted(row.model, _NAME - 2)}{row.free:>5}{row.structured:>6}"
        f"{distance(row.bias_free):>6}{distance(row.bias_structured):>6}"
        f"{_signed(row.change):>8}{interval:>15}{small(row.p_adjusted):>7}"
    ).rstrip()


def level_lines(found: Sequence[Level], shown: int = 3) -> list[str]:
    """Of each factor the `shown` most biased levels and the least biased one."""
    lines: list[str] = []
    for factor, words in _FACTORS.items():
        rows = [row for row in found if row.factor == factor]
        if rows:
            head = f"{'draws':>8}{'bias':>6}{'interval':>12}{'p':>7}  "
            lines.append(f"{fitted(f'by {words}', 10)}{head}most biased first".rstrip())
            lines += [_level(row) for row in (*rows[:shown], *rows[max(shown, len(rows) - 1) :])]
    note = (
        "bias: root mean square over models, of draws with that one alone; p: that all of its kind "
        "do the same, over all of them; *: a finding."
    )
    return [*lines, *textwrap.wrap(note, WIDTH)] if lines else []


def _level(row: Level) -> str:
    ends = row.interval
    interval = "–" if ends is None else f"{distance(ends[0])}-{distance(ends[1])}"
    mark = "* " if row.finding else "  "
    return (
        f"{mark}{fitted(row.level, 8)}{row.draws:>8,}{distance(row.bias):>6}{interval:>12}"
        f"{small(row.p_adjusted):>7}  "
        f"{fitted(row.words, WIDTH - 45)}"
    ).rstrip()
