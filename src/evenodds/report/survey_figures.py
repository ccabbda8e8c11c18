"""Cost against bias, and effects of traits with their intervals, as SVG."""

from collections.abc import Mapping
from math import ceil, floor, log10

from markupsafe import Markup

from evenodds.report.survey_forest import highest
from evenodds.report.survey_lines import signed
from evenodds.report.survey_words import dollars
from evenodds.report.svg import circle, element, figure, group, label, line, rect
from evenodds.report.text import distance, printable
from evenodds.survey.analysis.analysis import QuestionAnalysis
from evenodds.survey.analysis.costs import Costs
from evenodds.survey.analysis.regression import Effect, Regression

_WIDE = 960
_LEFT, _TOP, _TALL = 44, 12, 300
_PLOT, _NUMBERS = (250, 590), (690, 772, 895, 960)
THOUSAND = 1_000
_STEP = 27


def price_against_bias(found: QuestionAnalysis, costs: Costs | None, eps: float) -> Markup | None:
    """Dollars per 1,000 valid draws (logarithmic) against bias, a point a model; None for none."""
    price = _prices(costs)
    points = [(price[r.model], r) for r in found.rows if r.model in price and r.tv is not None]
    if not points:
        return None
    low = floor(log10(min(p for p, _ in points)))
    high = max(low + 1, ceil(log10(max(p for p, _ in points))))
    most, bottom = highest(found), _TOP + _TALL

    def across(value: float) -> float:
        return _LEFT + 10 + (_WIDE - _LEFT - 30) * (log10(value) - low) / (high - low)

    def up(value: float) -> float:
        return bottom - _TALL * min(value, most) / most

    levels = [tenth / 10 for tenth in range(round(most * 10) + 1)]
    return figure(
        _WIDE,
        bottom + 42,
        f"Price of draws against bias of {len(points)} models",
        rect(_LEFT, up(eps), _WIDE - _LEFT, bottom - up(eps), class_="band"),
        *(_level(each, up(each)) for each in levels),
        *(_decade(power, across(10.0**power), bottom) for power in range(low, high + 1)),
        *(
            group(
                element("title", f"{printable(r.model)}: {dollars(p)} per 1,000, {distance(r.tv)}"),
                circle(across(p), up(r.tv or 0.0), 4, class_="mark"),
                class_=f"is-{r.verdict}",
            )
            for p, r in points
        ),
        label(
            _WIDE, bottom + 37, "dollars per 1,000 valid draws", class_="note", text_anchor="end"
        ),
        class_="survey",
    )


def _prices(costs: Costs | None) -> Mapping[str, float]:
    rows = () if costs is None else costs.models
    return {row.model: THOUSAND * row.a_draw for row in rows if row.a_draw}


def _level(value: float, y: float) -> Markup:
    return group(
        line(_LEFT, y, _WIDE, y, class_="grid"),
        label(_LEFT - 7, y + 4, distance(value), class_="tick", text_anchor="end"),
    )


def _decade(power: int, x: float, bottom: float) -> Markup:
    amount = f"{10.0**power:,.{max(0, -power)}f}".removeprefix("0")
    return group(
        line(x, _TOP, x, bottom, class_="grid"),
        label(x, bottom + 18, f"${amount}", class_="tick", text_anchor="middle"),
    )


def effects_figure(effects: Regression) -> Markup | None:
    """Each trait: the difference in bias that goes with it, its interval, p; None for none."""
    rows = effects.effects
    if not rows:
        return None
    ends = [abs(end) for e in rows for end in (e.low, e.high, e.estimate) if end is not None]
    reach = min(1.0, max(0.05, ceil(max(ends) * 20) / 20))
    bottom = 34 + _STEP * len(rows)
    middle = (_PLOT[0] + _PLOT[1]) / 2
    heads = zip(_NUMBERS, ("models with", "difference", "95%, each alone", "p (Holm)"), strict=True)
    return figure(
        _WIDE,
        bottom + 26,
        "Differences in bias that go with traits of models",
        *(label(x, 12, words, class_="head", text_anchor="end") for x, words in heads),
        label(middle - 10, 12, "less biased", class_="head", text_anchor="end"),
        label(middle + 10, 12, "more biased", class_="head"),
        *(_difference(tick * reach, reach, bottom) for tick in (-1, -0.5, 0, 0.5, 1)),
        *(_effect(e, 34 + _STEP * (at + 0.5), reach) for at, e in enumerate(rows)),
        class_="survey",
    )


def _across(value: float, reach: float) -> float:
    middle = (_PLOT[0] + _PLOT[1]) / 2
    return middle + (_PLOT[1] - middle) * max(-1.0, min(1.0, value / reach))


def _difference(value: float, reach: float, bottom: float) -> Markup:
    x = _across(value, reach)
    return group(
        line(x, 26, x, bottom, class_="grid" if value else "axis"),
        label(x, bottom + 17, signed(value), class_="tick", text_anchor="middle"),
    )


def _effect(effect: Effect, y: float, reach: float) -> Markup:
    low = -reach if effect.low is None else effect.low
    high = reach if effect.high is None else effect.high
    p = f"{effect.p_adjusted:.3f}".removeprefix("0")
    interval = f"{signed(effect.low)} to {signed(effect.high)}"
    numbers = (f"{effect.having} of {effect.known}", signed(effect.estimate), interval, p)
    return group(
        label(0, y + 4, printable(effect.words, 40), class_="name"),
        line(_across(low, reach), y, _across(high, reach), y, class_="reach thick"),
        circle(_across(effect.estimate, reach), y, 4.5, class_="mark"),
        *(
            label(x, y + 4, words, class_="number", text_anchor="end")
            for x, words in zip(_NUMBERS, numbers, strict=True)
        ),
        class_="finding" if effect.finding else "is-undecided",
    )
