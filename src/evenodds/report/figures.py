"""The figures of the page, drawn by hand in SVG so that they follow its colours, light or dark.

Each function returns one `<svg>` with its meaning in words. Colours are CSS classes: `before`,
`after`, `fair`; the page's stylesheet gives them their values.
"""

import random
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from evenodds.report import svg
from evenodds.report.shape import Bar, bars, per_hundred
from evenodds.report.story import Pair, Side, favourite
from evenodds.report.text import distance, percent, printable

_BASE = 160
FACES = ("1", "2", "3", "4", "5", "6")
_PIPS = {
    "1": ((10, 10),),
    "2": ((5.5, 14.5), (14.5, 5.5)),
    "3": ((5, 15), (10, 10), (15, 5)),
    "4": ((5.5, 5.5), (14.5, 5.5), (5.5, 14.5), (14.5, 14.5)),
    "5": ((5.2, 5.2), (14.8, 5.2), (10, 10), (5.2, 14.8), (14.8, 14.8)),
    "6": ((5.8, 4.8), (14.2, 4.8), (5.8, 10), (14.2, 10), (5.8, 15.2), (14.2, 15.2)),
}


def die_symbols() -> Markup:
    """Return the six faces as symbols, to stand once at the head of the page."""
    faces = [
        svg.element("symbol", _face(face), id=f"die-{face}", viewBox="0 0 20 20") for face in FACES
    ]
    return svg.element("svg", *faces, class_="symbols", width=0, height=0, aria_hidden="true")


def _face(face: str) -> Markup:
    pips = [svg.circle(x, y, 1.9, class_="pip") for x, y in _PIPS[face]]
    return svg.group(svg.rect(1, 1, 18, 18, rx=4, class_="body"), *pips)


def is_die(outcomes: Sequence[str]) -> bool:
    """Return whether every outcome is a face of a die."""
    return bool(outcomes) and set(outcomes) <= set(FACES)


def hundred(side: Side, marked: str, when: str) -> Markup | None:
    """Return 100 answers in proportion to the pmf as a 10 by 10 field, `marked` standing out.

    None where the pmf is not listed or an outcome is too long for a tile.
    """
    if side.pmf is None or any(len(outcome) > 2 for outcome in side.pmf):
        return None
    counts = per_hundred(side.pmf, side.invalid)
    order = [outcome for outcome, count in counts.items() for _ in range(count)]
    random.Random(4).shuffle(order)
    tiles = [
        _tile(outcome, marked, 22 * (n % 10), 22 * (n // 10)) for n, outcome in enumerate(order)
    ]
    listed = ", ".join(f"{_named(outcome)} {count} times" for outcome, count in counts.items())
    return svg.figure(218, 218, f"100 answers {when}: {listed}.", *tiles, class_="hundred")


def _named(outcome: str) -> str:
    return printable(outcome, 20) or "no valid answer"


def _tile(outcome: str, marked: str, x: float, y: float) -> Markup:
    kind = "tile marked" if outcome == marked else "tile"
    if outcome in FACES:
        return svg.element(
            "use", href=f"#die-{outcome}", x=x, y=y, width=20, height=20, class_=kind
        )
    frame = svg.rect(x + 1, y + 1, 18, 18, rx=4, class_="body" if outcome else "body none")
    words = svg.label(x + 10, y + 14, printable(outcome, 2), class_="tiny", text_anchor="middle")
    return svg.group(frame, words, class_=kind)


def pmf_chart(pair: Pair, side: str, width: int = 320) -> Markup | None:
    """Return the model pmf as columns with the target as a line across each; None if not listed."""
    shown: Side = getattr(pair, side)
    if shown.pmf is None or pair.target is None:
        return None
    columns = bars([pair.target, shown.pmf], limit=12)
    top = max(1e-9, *(height for other in _pmfs(pair) for height in _heights(pair, other)))
    scale = (_BASE - 24) / top
    step = width / len(columns)
    drawn = [_column(bar, n * step, step, scale, side) for n, bar in enumerate(columns)]
    words = ", ".join(f"{printable(bar.label, 20)} {percent(bar.heights[1])}" for bar in columns)
    axis = svg.line(0, _BASE, width, _BASE, class_="axis")
    title = f"Model pmf {side} training: {words}. Target: {_target_words(columns)}."
    return svg.figure(width, 200, title, axis, *drawn, _fair_note(columns, scale))


def _pmfs(pair: Pair) -> list[Mapping[str, float]]:
    return [pmf for pmf in (pair.before.pmf, pair.after.pmf) if pmf is not None]


def _heights(pair: Pair, pmf: Mapping[str, float]) -> list[float]:
    return [height for bar in bars([pair.target or {}, pmf], limit=12) for height in bar.heights]


def _target_words(columns: list[Bar]) -> str:
    fair = {percent(bar.heights[0]) for bar in columns}
    if len(fair) == 1:
        return f"{fair.pop()} each"
    return ", ".join(f"{printable(bar.label, 20)} {percent(bar.heights[0])}" for bar in columns)


def _column(bar: Bar, start: float, step: float, scale: float, side: str) -> Markup:
    fair, found = (probability * scale for probability in bar.heights)
    base, left, wide = _BASE, start + step * 0.14, step * 0.72
    middle = left + wide / 2
    value = f"{100 * bar.heights[1]:.0f}" if bar.heights[1] >= 0.005 else "0"
    return svg.group(
        svg.rect(left, base - found, wide, max(found, 0.6), class_=side),
        svg.line(start, base - fair, start + step, base - fair, class_="fair"),
        svg.label(middle, base - max(found, fair) - 6, value, class_="value", text_anchor="middle"),
        _foot(bar.label, middle, base, step),
    )


def _foot(words: str, middle: float, base: float, step: float) -> Markup:
    if words in FACES:
        return svg.element(
            "use",
            href=f"#die-{words}",
            x=middle - 11,
            y=base + 9,
            width=22,
            height=22,
            class_="tile",
        )
    room = max(2, int(step / 7))
    return svg.label(middle, base + 22, printable(words, room), class_="tick", text_anchor="middle")


def _fair_note(columns: list[Bar], scale: float) -> Markup | str:
    """Return words on the target's line, over a column low enough to leave them room."""
    fair = {round(bar.heights[0], 9) for bar in columns}
    y = _BASE - columns[0].heights[0] * scale
    if len(fair) != 1 or columns[0].heights[1] * scale > _BASE - y - 16:
        return ""
    return svg.label(0, y + 15, f"fair: 1/{len(columns)}", class_="note fair-words")


def spark(side: Side, target: Mapping[str, float] | None, kind: str) -> Markup:
    """Return a pmf as a few small columns with the target's line; full height is probability 1."""
    if side.pmf is None or target is None:
        return Markup("")
    columns = bars([target, side.pmf], limit=12)
    step = 72 / len(columns)
    drawn = [_spark_column(bar, n * step, step, kind) for n, bar in enumerate(columns)]
    words = ", ".join(f"{printable(bar.label, 20)} {percent(bar.heights[1])}" for bar in columns)
    base = svg.line(0, 32, 72, 32, class_="axis")
    return svg.figure(72, 33, f"{kind}: {words}", base, *drawn, class_="spark")


def _spark_column(bar: Bar, left: float, step: float, kind: str) -> Markup:
    fair, found = (31 * min(1.0, probability) for probability in bar.heights)
    return svg.group(
        svg.rect(left + 1, 32 - found, step - 2, found, class_=kind),
        svg.line(left, 32 - fair, left + step, 32 - fair, class_="fair"),
    )


def strip(pairs: Sequence[Pair], width: int) -> Markup:
    """Return the tv of every task before and after as dots on one axis from 0 to 1."""
    left, right = 8, width - 8
    scale = right - left
    dots = [_dots(pairs, side, y, left, scale) for side, y in (("before", 22), ("after", 52))]
    ticks = [_tick(left + scale * at / 4, at / 4) for at in range(5)]
    first, last = ([getattr(pair, side).tv for pair in pairs] for side in ("before", "after"))
    spans = f"Before: {_span(first)}. After: {_span(last)}."
    words = f"Distance from fair (tv) of {len(pairs)} phrasings. {spans}"
    return svg.figure(width, 96, words, *ticks, *dots, class_="strip")


def _span(values: list[float]) -> str:
    middle = sum(values) / len(values)
    return f"mean {distance(middle)}, from {distance(min(values))} to {distance(max(values))}"


def _tick(x: float, value: float) -> Markup:
    anchor = {0.0: "start", 1.0: "end"}.get(value, "middle")
    edge = {0.0: -8, 1.0: 8}.get(value, 0)
    return svg.group(
        svg.line(x, 8, x, 70, class_="grid"),
        svg.label(
            x + edge, 88, f"{value:g}".removeprefix("0") or "0", class_="tick", text_anchor=anchor
        ),
    )


def _dots(pairs: Sequence[Pair], side: str, y: float, left: float, scale: float) -> Markup:
    jitter = random.Random(6)
    drawn = [
        svg.circle(left + scale * getattr(pair, side).tv, y + jitter.uniform(-9, 9), 3.4)
        for pair in pairs
    ]
    return svg.group(*drawn, class_=f"dots {side}")


def marked_outcome(pair: Pair) -> str:
    """Return the outcome the model was stuck on before training; "" where it is not known."""
    likeliest = favourite(pair.before)
    return likeliest[0] if likeliest else ""
