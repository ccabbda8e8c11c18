"""What was never tried cannot be reinforced, as a picture of three panels.

How likely the rewarded answer is after reinforcement against how likely it was before, how many
rollouts passed until the first reward, and the probability over the rollouts for the rarest answer.
Arms differ in shape and dash as well as in colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from statistics import fmean

from markupsafe import Markup

from evenodds.report import svg
from evenodds.report.panel import Axis, Panel, Scale

_WIDTH, _HEIGHT = 800, 690
_LOOKS = ("plain", "bonus", "taught")
_STYLE = """
svg { font: 13px system-ui, sans-serif; background: #fff; color: #1b1f24; }
text { fill: currentColor; } .title { font-weight: 600; font-size: 14px; }
.head { font-weight: 600; font-size: 16px; } .tick, .note { fill: #5b6570; font-size: 12px; }
.grid { stroke: #e3e7eb; } .axis { stroke: #6b7480; }
.fair { stroke: #6b7480; stroke-dasharray: 2 3; stroke-width: 1.4; }
.never { fill: #eef1f4; }
.mean { stroke-width: 2.2; } .thin { stroke-width: 1.1; stroke-opacity: .75; }
.plain { stroke: #c2371a; } .mark.plain { fill: #c2371a; }
.bonus { stroke: #7a5200; stroke-dasharray: 6 4; }
.mark.bonus { fill: #fff; stroke-dasharray: none; }
.taught { stroke: #0f62a8; } .mark.taught { fill: #0f62a8; }
.mark { stroke-width: 1.4; }
@media (prefers-color-scheme: dark) {
  svg { background: #14181d; color: #e6eaee; } .tick, .note { fill: #a2acb3; }
  .grid { stroke: #2a3038; } .never { fill: #1f252c; }
  .plain { stroke: #ff7d5e; } .mark.plain { fill: #ff7d5e; }
  .bonus { stroke: #e5b95c; } .mark.bonus { fill: #14181d; }
  .taught { stroke: #71b8ff; } .mark.taught { fill: #71b8ff; }
}
"""


@dataclass(frozen=True)
class Tried:
    """One seed of one arm with one rewarded answer.

    `before` and `after`: its probability untrained and at the end; `first`: rollouts until the
    first reward, None if none came; `curve`: (rollouts, probability); `answer`: what was rewarded.
    """

    arm: str
    before: float
    first: int | None
    after: float
    curve: Sequence[Sequence[float]]
    answer: str


def tried_figure(tried: Sequence[Tried], arms: Sequence[str], budget: int, words: str = "") -> str:
    """The picture as a whole SVG file; `arms` are at most three, in order; `words` tell it briefly.

    `budget`: rollouts of every run.
    """
    looks = dict(zip(arms, _LOOKS, strict=False))
    known = [one for one in tried if one.arm in looks]
    drawn = svg.element(
        "svg",
        svg.element("title", words or "Probability of a rewarded answer before and after RL."),
        svg.element("style", Markup(_STYLE)),
        *_head(looks, budget),
        *_success(known, looks, budget),
        *_firsts(known, looks, budget),
        *_curves(known, looks, budget),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        width=_WIDTH,
        height=_HEIGHT,
        role="img",
    )
    return f"{drawn}\n"


def _head(looks: dict[str, str], budget: int) -> Iterable[Markup]:
    yield svg.label(20, 28, "What was never tried cannot be reinforced", class_="head")
    for i, (arm, look) in enumerate(looks.items()):
        x = 20 + 190 * i
        yield svg.line(x, 50, x + 34, 50, class_=f"mean {look}")
        yield _mark(x + 17, 50, look)
        yield svg.label(x + 42, 54, arm)
    yield svg.label(_WIDTH - 20, 54, f"{budget:,} rollouts a run", class_="note", text_anchor="end")


def _mark(x: float, y: float, look: str) -> Markup:
    """A disc, a hollow square or a diamond."""
    if look == "plain":
        return svg.circle(x, y, 4, class_=f"mark {look}")
    turned = f"rotate(45 {x:.1f} {y:.1f})" if look == "taught" else None
    return svg.rect(x - 3.6, y - 3.6, 7.2, 7.2, class_=f"mark {look}", transform=turned)


def _rarity(tried: Sequence[Tried], start: float, end: float) -> Axis:
    """Probability before training, falling to the right: one tick a power of ten."""
    least = floor(log10(min(one.before for one in tried)))
    scale = Scale(0.3, 10.0**least / 2, start, end, log=True)
    ticks = [(10.0**power, _power(power)) for power in range(-1, least - 1, -1)]
    return Axis(scale, "probability of the rewarded answer, untrained", ticks)


def _power(power: int) -> str:
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return {-1: "0.1", -2: "0.01"}.get(power, f"10{raised}")


def _success(tried: Sequence[Tried], looks: dict[str, str], budget: int) -> Iterable[Markup]:
    x = _rarity(tried, 66, 388)
    y = Axis(Scale(0, 1, 340, 112), "probability", _quarters())
    panel = Panel("After RL: probability of the rewarded answer", x, y)
    yield panel.drawn()
    yield from _once(panel, budget)
    for arm, look in looks.items():
        points = _by_rarity(one for one in tried if one.arm == arm)
        means = [panel.at(before, fmean(o.after for o in ones)) for before, ones in points]
        yield svg.polyline(means, class_=f"mean {look}")
        for before, ones in points:
            yield from (_mark(*panel.at(before, one.after), look) for one in ones)


def _once(panel: Panel, budget: int) -> Iterable[Markup]:
    """Where the untrained model says the answer once in all rollouts of a run, on average."""
    at, (base, top) = panel.x.scale(1 / budget), (panel.y.scale.start, panel.y.scale.end)
    yield svg.line(at, base, at, top, class_="fair")
    yield svg.label(at - 6, base - 24, "once in", class_="note", text_anchor="end")
    yield svg.label(at - 6, base - 9, f"{budget:,}", class_="note", text_anchor="end")


def _by_rarity(tried: Iterable[Tried]) -> list[tuple[float, list[Tried]]]:
    found: dict[tuple[str, float], list[Tried]] = {}
    for one in tried:
        found.setdefault((one.answer, one.before), []).append(one)
    return sorted(((before, ones) for (_, before), ones in found.items()), key=lambda it: -it[0])


def _firsts(tried: Sequence[Tried], looks: dict[str, str], budget: int) -> Iterable[Markup]:
    x = _rarity(tried, 470, 780)
    never = 2.2 * budget
    y = Scale(8, 4 * budget, 340, 112, log=True)
    ticks = [(10.0**n, f"{10**n:,}") for n in range(1, 7) if 10**n <= budget]
    panel = Panel("Rollouts until the first reward", x, Axis(y, "", [*ticks, (never, "never")]))
    yield svg.rect(470, y.end, 310, y(budget * 1.15) - y.end, class_="never")
    yield panel.drawn()
    yield from _expected(panel, budget)
    for n, (arm, look) in enumerate(looks.items()):
        for before, ones in _by_rarity(one for one in tried if one.arm == arm):
            for i, one in enumerate(ones):
                at, place = panel.at(before, one.first or never)
                beside = 8 * (n - (len(looks) - 1) / 2) + 1.3 * (i - (len(ones) - 1) / 2)
                yield _mark(at + beside, place, look)


def _expected(panel: Panel, budget: int) -> Iterable[Markup]:
    """Rollouts that a model which does not change needs on average: one over the probability."""
    ends = [panel.at(1 / 16, 16), panel.at(1 / budget, budget)]
    yield svg.line(*ends[0], *ends[1], class_="fair")
    yield svg.label(ends[1][0] - 100, ends[1][1] + 22, "1 / probability", class_="note")


def _curves(tried: Sequence[Tried], looks: dict[str, str], budget: int) -> Iterable[Markup]:
    """Two answers over the rollouts: the likeliest below .01, and the rarest of all."""
    order = [ones for _, ones in _by_rarity(tried)]
    middle = next((o for o in order if o[0].before < 0.01), order[0])
    for ones, (start, end) in ((middle, (66, 388)), (order[-1], (470, 780))):
        title = f"Each run: {ones[0].answer} (untrained {_brief(ones[0].before)})"
        x = Axis(Scale(0, budget, start, end), "rollouts", _thousands(budget))
        y = Axis(Scale(0, 1, 632, 432), "probability" if start < 100 else "", _quarters())
        panel = Panel(title, x, y)
        yield panel.drawn()
        for one in ones:
            path = [panel.at(*point) for point in one.curve]
            yield svg.polyline(path, class_=f"thin {looks[one.arm]}")


def _quarters() -> list[tuple[float, str]]:
    return [(n / 4, f"{n / 4:g}") for n in range(5)]


def _thousands(budget: int) -> list[tuple[float, str]]:
    step = max(1, round(budget / 4 / 100)) * 100
    return [(n, f"{n:,}") for n in range(0, budget + 1, step)]


def _brief(value: float) -> str:
    """A probability in one digit.

    >>> _brief(0.00684), _brief(1.14e-06)
    ('0.007', '1e-6')
    """
    return f"{value:.0e}".replace("e-0", "e-") if value < 0.001 else f"{value:.1g}"
