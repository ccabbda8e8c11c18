"""The picture of docs/seeds.md, from what recipes/seed_in_prompt.py wrote.

    python recipes/seed_figure.py seeds.jsonl docs/seeds.svg

Left: the probability of the right answer against the number of seeds that were taught. Right: how
many seeds are held, n times the accuracy beyond chance, against CPU seconds of training. A dot or a
thin line is one run, a thick line the mean over runs.
"""

import json
import sys
from collections.abc import Callable, Sequence
from math import log10
from pathlib import Path
from statistics import fmean
from typing import Any

from markupsafe import Markup

from evenodds.report import svg

CHANCE = 1 / 6
WIDTH, HEIGHT, TOP = 280, 250, 56
LEFT, RIGHT = 60, 440
STYLE = """
svg { font: 13px system-ui, sans-serif; background: #fff; color: #1b1f24; }
text { fill: currentColor; } .title { font-weight: 600; font-size: 15px; }
.axis { stroke: #6b7480; } .note { fill: #6b7480; font-size: 12px; }
.fair { stroke: #6b7480; stroke-dasharray: 5 4; }
@media (prefers-color-scheme: dark) { svg { background: #14181d; color: #e6eaee; } }
"""
SHOWN = {
    "taught": ("as it was taught", "#0a6cce"),
    "new phrasing": ("in never-seen words", "#1a8a5a"),
    "unseen seeds": ("seeds never taught", "#c2571a"),
}

Row = dict[str, Any]
Place = Callable[[float, float], tuple[float, float]]


def figure(rows: Sequence[Row]) -> str:
    """The whole SVG file."""
    hashed = [row for row in rows if row["generator"] == "hash" and not row["dice"]]
    drawn = svg.element(
        "svg",
        svg.element("title", "Accuracy against the number of seeds; seeds held against training"),
        svg.element("style", Markup(STYLE)),
        *_accuracies(hashed),
        *_held(hashed),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 760 380",
        width=760,
        height=380,
        role="img",
    )
    return f"{drawn}\n"


def _accuracies(rows: Sequence[Row]) -> list[Any]:
    sizes = sorted({row["seeds"] for row in rows})
    at = _place(LEFT, 0.8, 3.2, 1.0)
    parts = [*_frame(LEFT, "Does it know the answer?", "seeds taught", "probability of it")]
    parts += [_tick(at(log10(n), 0)[0], f"{n:,}") for n in sizes]
    parts += [_mark(LEFT, at(0.8, y)[1], f"{y:g}") for y in (0, 0.25, 0.5, 0.75, 1)]
    parts.append(svg.line(*at(0.8, CHANCE), *at(3.2, CHANCE), class_="fair"))
    parts.append(svg.label(*at(3.2, CHANCE - 0.06), "chance", class_="note", text_anchor="end"))
    for i, (field, (words, colour)) in enumerate(SHOWN.items()):
        means = [(n, fmean(row[field] for row in rows if row["seeds"] == n)) for n in sizes]
        line = [at(log10(n), y) for n, y in means]
        parts.append(svg.polyline(line, stroke=colour, stroke_width=2))
        dots = (at(log10(row["seeds"]), row[field]) for row in rows)
        parts += [svg.circle(*dot, 2.6, fill=colour) for dot in dots]
        y = TOP + HEIGHT - 92 + 17 * i
        parts.append(svg.label(LEFT + 8, y, words, style=f"fill: {colour}", font_size=12))
    return parts


def _held(rows: Sequence[Row]) -> list[Any]:
    longest = max(row["curve"][-1][0] for row in rows)
    most = max(_seeds(row, y) for row in rows for _, y in row["curve"])
    at = _place(RIGHT, 0, longest, max(most * 1.1, 10))
    parts = [*_frame(RIGHT, "How many seeds does it hold?", "CPU seconds of training", "seeds")]
    parts += [_tick(at(x, 0)[0], f"{x}") for x in range(0, int(longest) + 1, 15)]
    parts += [_mark(RIGHT, at(0, y)[1], f"{y:g}") for y in range(0, int(most * 1.1) + 1, 100)]
    for row in rows:
        line = [at(x, _seeds(row, y)) for x, y in row["curve"]]
        parts.append(svg.polyline(line, stroke="#0a6cce", stroke_width=1.2, stroke_opacity=0.6))
    for n in sorted({row["seeds"] for row in rows}):
        x, y = next(row for row in rows if row["seeds"] == n)["curve"][-1]
        where = at(x, n * max(0.0, y - CHANCE) / (1 - CHANCE))
        words = f"of {n:,}"
        parts.append(svg.label(where[0] + 3, where[1] - 5, words, class_="note", text_anchor="end"))
    return parts


def _seeds(row: Row, accuracy: float) -> float:
    """How many of the seeds a model knows that guesses the others."""
    return float(row["seeds"] * max(0.0, accuracy - CHANCE) / (1 - CHANCE))


def _place(left: float, low: float, high: float, top: float) -> Place:
    def place(x: float, y: float) -> tuple[float, float]:
        return left + WIDTH * (x - low) / (high - low), TOP + HEIGHT * (1 - y / top)

    return place


def _frame(left: float, title: str, below: str, beside: str) -> list[Any]:
    foot, middle = TOP + HEIGHT, TOP + HEIGHT / 2
    turned = {"text_anchor": "middle", "transform": f"rotate(-90 {left - 42} {middle})"}
    return [
        svg.label(left, 28, title, class_="title"),
        svg.line(left, foot, left + WIDTH, foot, class_="axis"),
        svg.line(left, TOP, left, foot, class_="axis"),
        svg.label(left + WIDTH / 2, foot + 42, below, text_anchor="middle"),
        svg.label(left - 42, middle, beside, **turned),
    ]


def _tick(x: float, words: str) -> Any:
    return svg.label(x, TOP + HEIGHT + 20, words, text_anchor="middle", font_size=12)


def _mark(left: float, y: float, words: str) -> Any:
    return svg.label(left - 6, y + 4, words, text_anchor="end", font_size=12)


def main() -> None:
    """Read the lines of the first argument, write the picture to the second."""
    source, target = map(Path, sys.argv[1:3])
    target.write_text(figure([json.loads(line) for line in source.open(encoding="utf-8")]), "utf-8")


if __name__ == "__main__":
    main()
