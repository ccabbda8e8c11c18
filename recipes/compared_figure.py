"""The picture of `methods_compared.py`: tv over CPU seconds, and where each method ends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

from markupsafe import Markup

from evenodds.ledger.files import write_atomically
from evenodds.report import svg
from evenodds.report.panel import Axis, Panel, Scale
from evenodds.study.grid import Row
from evenodds.study.summary import grouped

CURVES = ("sft", "match", "dpo", "grpo, valid + entropy", "grpo, witness")
"""The methods with a curve, each with a dash of its own."""
SLICES = ("seen", "unseen phrasings", "unseen parameters", "unseen families")
WIDTH, TOP, ROW = 900, 400, 22
STYLE = """
svg { font: 13px system-ui, sans-serif; background: #fff; color: #1b1f24; }
text { fill: currentColor; } .title { font-weight: 600; font-size: 14px; }
.tick, .note { fill: #5b6570; font-size: 12px; }
.grid { stroke: #e3e7eb; } .axis { stroke: #6b7480; }
.curve { stroke: #0f62a8; stroke-width: 2; } .dot { fill: #0f62a8; } .span { stroke: #0f62a8; }
.c1 { stroke-dasharray: none; stroke-width: 3; } .c0 { stroke-dasharray: 7 4; }
.c2 { stroke-dasharray: 2 3; } .c3 { stroke: #c2371a; stroke-dasharray: 7 4; }
.c4 { stroke: #c2371a; }
@media (prefers-color-scheme: dark) {
  svg { background: #14181d; color: #e6eaee; } .tick, .note { fill: #a2acb3; }
  .grid { stroke: #2a3038; } .curve, .span { stroke: #71b8ff; } .dot { fill: #71b8ff; }
  .c3, .c4 { stroke: #ff7d5e; }
}
"""


def publish(rows: Sequence[Row], folder: Path) -> None:
    """Write `methods.jsonl` and `methods.svg` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row) for row in rows)
    write_atomically(folder / "methods.jsonl", "".join(f"{line}\n" for line in lines))
    write_atomically(folder / "methods.svg", drawn(rows))


def drawn(rows: Sequence[Row]) -> str:
    """The picture as a whole SVG file."""
    arms = {arm: members for (arm,), members in grouped(rows, "arm").items()}
    height = TOP + 70 + ROW * len(arms)
    parts = [*_curves(arms), *_ends(arms)]
    return f"{_whole(parts, height)}\n"


def _whole(parts: Iterable[Markup], height: int) -> Markup:
    return svg.element(
        "svg",
        svg.element("title", "tv over CPU seconds by method, and tv at the end by slice"),
        svg.element("style", Markup(STYLE)),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        role="img",
    )


def _curves(arms: dict[str, list[Row]]) -> Iterable[Markup]:
    """Mean tv of twelve trained tasks over CPU seconds, preparation included."""
    known = [arm for arm in CURVES if arm in arms]
    longest = max(point[0] for arm in known for row in arms[arm] for point in row["curve"])
    seconds = [(float(n), str(n)) for n in range(0, int(longest) + 1, 10)]
    x = Axis(Scale(0, longest, 70, 640), "CPU seconds", seconds)
    y = Axis(Scale(0, 0.8, 310, 50), "tv of trained tasks", _tenths(0.8))
    panel = Panel("While it trains (a line is one run)", x, y)
    yield panel.drawn()
    for number, arm in enumerate(known):
        for row in arms[arm]:
            path = [panel.at(*point) for point in row["curve"]]
            yield svg.polyline(path, class_=f"curve c{number}")
        yield svg.line(670, 70 + 24 * number, 704, 70 + 24 * number, class_=f"curve c{number}")
        yield svg.label(712, 74 + 24 * number, arm)


def _ends(arms: dict[str, list[Row]]) -> Iterable[Markup]:
    """For each slice a column: mean and extremes of every method."""
    yield svg.label(
        20, TOP - 12, "Where it ends: tv by slice (dot: mean, line: seeds)", class_="title"
    )
    for column, name in enumerate(SLICES):
        start = 220 + 170 * column
        scale = Scale(0, 1, start, start + 140)
        yield svg.label(start, TOP + 18, name, class_="note")
        for tick in (0, 0.5, 1):
            place = scale(tick)
            yield svg.line(place, TOP + 26, place, TOP + 34 + ROW * len(arms), class_="grid")
            yield svg.label(
                place, TOP + 52 + ROW * len(arms), f"{tick:g}", class_="tick", text_anchor="middle"
            )
        for number, members in enumerate(arms.values()):
            values, y = [row[name] for row in members], TOP + 42 + ROW * number
            yield svg.line(scale(min(values)), y, scale(max(values)), y, class_="span")
            yield svg.circle(scale(fmean(values)), y, 4, class_="dot")
    for number, arm in enumerate(arms):
        yield svg.label(20, TOP + 46 + ROW * number, arm)


def _tenths(most: float) -> list[tuple[float, str]]:
    return [(n / 5, f"{n / 5:g}") for n in range(round(most * 5) + 1)]
