"""The analysis of a survey as plain text, 80 columns: what it means first, then the tables."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evenodds.report.audit import small
from evenodds.report.short_names import short_names
from evenodds.report.survey_factors import level_lines, schema_lines
from evenodds.report.survey_overall import overall_lines, told
from evenodds.report.survey_overall import question_lines as every_question
from evenodds.report.survey_words import are, bound, dearest, whole
from evenodds.report.text import distance, fitted, percent
from evenodds.survey.analysis.analysis import Analysis, QuestionAnalysis, Settings
from evenodds.survey.analysis.costs import Costs
from evenodds.survey.analysis.regression import Effect, Regression
from evenodds.survey.analysis.rows import ModelRow

WIDTH = 80
TELL_MORE = "Tell more of the models with survey catalogue --edit or --ask, then --covariates."
_NAME = 33


def analysis_lines(analysis: Analysis, shown: int = 10) -> list[str]:
    """The whole analysis; of each question the `shown` least and most biased models."""
    lines = []
    for table in (overall_lines(analysis, shown), every_question(analysis, shown)):
        lines += [*table, ""] if table else []
    for each in told(analysis):
        lines += [*question_lines(each, analysis.settings, shown), ""]
    for schema in analysis.schemas:
        lines += [*schema_lines(schema, shown), ""]
    if analysis.costs is not None:
        lines += [*cost_lines(analysis.costs, shown), ""]
    return [*lines, *(line for remark in analysis.remarks for line in wrapped(remark))]


def question_lines(found: QuestionAnalysis, settings: Settings, shown: int) -> list[str]:
    """One question: the sentence, models from either end, parts of bias, effects of traits."""
    lines = [*wrapped(sentence(found, settings)), ""]
    lines += [*_models(found, settings, shown), ""]
    lines += [*_parts(found), *wrapped(saving_words(found)), ""]
    if found.levels:
        lines += [*level_lines(found.levels), ""]
    lines += [*effect_lines(found.effects), ""]
    if found.bayes is not None:
        lines += [*spread_lines(found.bayes), ""]
    return [*lines, *(line for remark in found.remarks for line in wrapped(remark))]


def sentence(found: QuestionAnalysis, settings: Settings) -> str:
    """What the draws of a question say of its models, in words."""
    alone = {v: found.number(v) for v in ("fair", "biased", "undecided")}
    both = {v: found.number(v, together=True) for v in ("fair", "biased")}
    return (
        f"{found.question}: of {len(found.rows)} models {alone['biased']} {are(alone['biased'])} "
        f"biased, {alone['fair']} fair within {bound(settings.eps)}, {alone['undecided']} "
        f"undecided; each of these verdicts is wrong with probability at most "
        f"{bound(settings.alpha)}. All together, with at most "
        f"{settings.alpha:.0%} of {whole(found)} wrong on average: {both['biased']} biased, "
        f"{both['fair']} fair."
    )


def saving_words(found: QuestionAnalysis) -> str:
    """What stopping saved, in words; empty where there is nothing to compare with."""
    saved = found.saved
    if saved.times is None or saved.fixed is None or not found.sequential:
        return ""
    money = f", for ${saved.dollars:,.2f} more" if saved.dollars else ""
    return (
        f"{saved.draws:,} draws; a fixed design that can certify a fair model takes "
        f"{saved.fixed:,} of each, {saved.times:.1f} times as many{money}."
    )


def _models(found: QuestionAnalysis, settings: Settings, shown: int) -> list[str]:
    placed = sorted((r for r in found.rows if r.rank_low is not None), key=_order)
    ends: list[tuple[str, Sequence[ModelRow]]] = [("least biased", placed[:shown])]
    if len(placed) > shown:
        ends.append(("most biased", placed[max(shown, len(placed) - shown) :]))
    near = f"P<{bound(settings.eps)}"
    head = f"{'n':>6}{'bias':>6}{'shrunken, 95%':>16}{'rank, 95%':>10}"
    lines = []
    for title, rows in ends:
        lines.append(f"{fitted(title, _NAME)}{head}{near:>8}".rstrip())
        lines += [_line(row) for row in rows]
    return lines


def _order(row: ModelRow) -> tuple[float, str]:
    return (row.shrunken or 0.0, row.model)


def _line(row: ModelRow) -> str:
    mark = {"biased": "b ", "fair": "f ", "undecided": "  "}[row.judged.verdict]
    mark = mark.upper() if row.judged.together == row.judged.verdict else mark
    shrunken = f"{distance(row.shrunken_low)}-{distance(row.shrunken_high)}"
    ranks = f"{row.rank_low}-{row.rank_high}"
    near = percent(row.near)
    return (
        f"{mark}{fitted(row.model, _NAME - 2)}{row.n:>6}{distance(row.tv):>6}"
        f"{distance(row.shrunken):>6} {shrunken:>10}{ranks:>9}{near:>8}"
    ).rstrip()


def _parts(found: QuestionAnalysis) -> list[str]:
    """Mean of the squared parts over models, as roots."""
    said = []
    for name, words in _PARTS.items():
        squares = [getattr(row.components, name) for row in found.rows]
        known = [square for square in squares if square is not None]
        if known:
            mean = max(0.0, sum(known) / len(known))
            said.append(f"{words} {distance(mean**0.5)}")
    if not said:
        return []
    marks = "b biased, f fair within eps; capital: also together with all others. "
    return wrapped(f"{marks}Root mean square over models: {', '.join(said)}.")


_PARTS = {
    "marginal": "averaged over prompts",
    "within": "within single prompts",
    "phrasing": "from phrasings",
    "labels": "from labels",
    "position": "from places",
}


def effect_lines(effects: Regression) -> list[str]:
    """Which traits go with bias: the sentence, then a line each."""
    if effects.why_not:
        return wrapped(f"Traits of models: nothing is said, for {effects.why_not}.")
    findings = [effect.words for effect in effects.effects if effect.finding]
    said = f"goes with bias: {', '.join(findings)}" if findings else "no trait is found to matter"
    lines = wrapped(
        f"Traits of models: {said} ({effects.models} models of {effects.organisations} "
        f"organisations; Holm's p over all traits at most {bound(effects.alpha)}). They are no "
        "causes."
    )
    lines.append(f"{fitted('', _NAME)}{'known':>7}{'with':>6}{'bias':>8}{'interval':>15}{'p':>8}")
    lines += [_effect(effect) for effect in effects.effects]
    untested = [f"{name}: {why}" for name, why in effects.left_out.items()]
    more = [TELL_MORE] if untested else []
    return [*lines, *(line for words in (*untested, *more) for line in wrapped(words))]


def _effect(effect: Effect) -> str:
    interval = f"{signed(effect.low)} to {signed(effect.high)}"
    return (
        f"{fitted(effect.words, _NAME)}{effect.known:>7}{effect.having:>6}"
        f"{signed(effect.estimate):>8}{interval:>15}{small(effect.p_adjusted):>8}"
    ).rstrip()


def signed(value: float | None) -> str:
    """A difference in tv with its sign; a question mark where an interval has no end.

    >>> signed(0.0312), signed(-0.2), signed(0.0), signed(None)
    ('+.031', '-.200', '0', '?')
    """
    if value is None or value == 0:
        return "?" if value is None else "0"
    return f"{'-' if value < 0 else '+'}{abs(value):.3f}".replace("0.", ".", 1)


def cost_lines(costs: Costs, shown: int) -> list[str]:
    """What was paid, and the dearest models."""
    lines = wrapped(_cost_sentence(costs))
    if not costs.spent:
        return lines
    lines.append(
        f"{fitted('dearest', _NAME)}{'dollars':>10}{'share':>8}{'draws':>8}{'$ per 1,000':>13}"
    )
    names = short_names((row.model for row in costs.models), _NAME)
    for row in costs.models[:shown]:
        price = "–" if row.a_draw is None else f"{1000 * row.a_draw:.4f}"
        lines.append(
            f"{names[row.model]}{row.spent:>10.4f}{percent(row.share):>8}{row.draws:>8,}{price:>13}"
        )
    return lines


def _cost_sentence(costs: Costs) -> str:
    if not costs.spent:
        return f"{costs.draws:,} draws, of which {costs.valid:,} valid; nothing was paid."
    return (
        f"${costs.spent:,.4f} for {costs.draws:,} draws, of which {costs.valid:,} valid; half of "
        f"it went to {dearest(costs.half)} of {len(costs.models)} models.{_lost(costs)}"
    )


def _lost(costs: Costs) -> str:
    """What failed calls may have cost, in words; empty where that is nothing."""
    lost = costs.spent - costs.paid
    if lost < 0.00005:
        return ""
    return (
        f" ${lost:,.4f} of it is what calls that failed, or were cut off, may have cost at most; "
        "a bill may be less."
    )


def wrapped(text: str) -> list[str]:
    """Text in lines of at most 80 columns."""
    return textwrap.wrap(text, WIDTH)


def spread_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """The location-scale regression, from its JSON record: no effect where a gate failed."""
    if record["failed"]:
        yield from wrapped(
            "Spread of bias: the fit is not to be believed, so no effect is reported: "
            f"{'; '.join(record['failed'])}."
        )
        return
    yield from wrapped("Spread of bias: what one step multiplies the spread of log-odds by.")
    for effect in record["effects"]:
        interval = f"{effect['low']:.2f} to {effect['high']:.2f}"
        mark = "finding" if effect["finding"] else ""
        factor = f"{effect['factor']:.2f}"
        yield f"{fitted(effect['words'], _NAME)}{factor:>8}{interval:>16}  {mark}".rstrip()
