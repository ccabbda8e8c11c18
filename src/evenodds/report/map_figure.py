"""A map of how runs end: two options, and in each cell one tile a seed with its end's sign.

The sign says it all without colour; colour repeats it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evenodds.report import svg

Place = tuple[float, float]
"""A column's value and a row's value."""

_LEFT, _TOP, _WIDE, _HIGH, _GAP, _TILE = 96, 66, 124, 62, 4, 18
_STYLE = """
svg { font: 13px system-ui, sans-serif; background: #fff; color: #1b1f24; }
text { fill: currentColor; } .title { font-weight: 600; font-size: 15px; }
.note { fill: #5b6570; font-size: 12px; } .sign { font-weight: 700; font-size: 12px; }
.cell { fill: #f3f5f7; } .box { stroke-width: 1.4; }
.stuck .box { fill: #c2371a; stroke: #c2371a; } .stuck .sign { fill: #fff; }
.good .box { fill: #0f62a8; stroke: #0f62a8; } .good .sign { fill: #fff; }
.broken .box { fill: none; stroke: #1b1f24; stroke-dasharray: 2.5 2; }
.between .box { fill: #fff; stroke: #8a949e; } .between .sign { fill: #5b6570; }
.cell.stuck { fill: #f9ddd6; } .cell.good { fill: #d5e6f6; } .cell.broken { fill: #e2e5e8; }
@media (prefers-color-scheme: dark) {
  svg { background: #14181d; color: #e6eaee; } .note { fill: #a2acb3; }
  .cell { fill: #1d232a; } .between .box { fill: #1d232a; } .between .sign { fill: #a2acb3; }
  .stuck .box { fill: #ff7d5e; stroke: #ff7d5e; } .stuck .sign { fill: #14181d; }
  .good .box { fill: #71b8ff; stroke: #71b8ff; } .good .sign { fill: #14181d; }
  .broken .box { stroke: #e6eaee; }
  .cell.stuck { fill: #3f231d; } .cell.good { fill: #1b3044; } .cell.broken { fill: #2b3138; }
}
"""


@dataclass(frozen=True)
class End:
    """A way for a run to end: its name, the sign on its tile, its look, what it means.

    `look` is "stuck", "good", "broken" or "between", which fill and colour the tile.
    """

    name: str
    sign: str
    look: str
    says: str


@dataclass(frozen=True)
class Told:
    """What the figure says in words: title, names of columns and rows, and the whole in brief."""

    title: str
    columns: str
    rows: str
    words: str


def map_figure(
    told: Told,
    ends: Sequence[End],
    cells: Mapping[Place, Sequence[str]],
    notes: Mapping[Place, str],
) -> str:
    """The map as a whole SVG file.

    `cells`: the names of the ends of each cell's runs, one a seed; `notes`: a short text below
    them. Columns grow to the right, rows grow upwards.
    """
    columns = sorted({column for column, _ in cells})
    rows = sorted({row for _, row in cells}, reverse=True)
    known = {end.name: end for end in ends}
    width = _LEFT + len(columns) * _WIDE + 16
    foot = _TOP + len(rows) * _HIGH
    drawn = svg.element(
        "svg",
        svg.element("title", told.words),
        svg.element("style", Markup(_STYLE)),
        svg.label(16, 28, told.title, class_="title"),
        svg.label(16, _TOP - 14, told.rows, class_="note"),
        *(_row_name(i, row) for i, row in enumerate(rows)),
        *(_column_name(i, column, foot) for i, column in enumerate(columns)),
        svg.label(_LEFT + len(columns) * _WIDE / 2, foot + 38, told.columns, text_anchor="middle"),
        *(
            _cell((i, j), [known[name] for name in cells[column, row]], notes.get((column, row)))
            for j, row in enumerate(rows)
            for i, column in enumerate(columns)
            if (column, row) in cells
        ),
        *(_legend(i, end, foot + 62) for i, end in enumerate(ends)),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {foot + 66 + 26 * len(ends)}",
        width=width,
        height=foot + 66 + 26 * len(ends),
        role="img",
    )
    return f"{drawn}\n"


def _row_name(i: int, value: float) -> Markup:
    return svg.label(_LEFT - 12, _TOP + (i + 0.5) * _HIGH + 4, f"{value:g}", text_anchor="end")


def _column_name(i: int, value: float, foot: float) -> Markup:
    return svg.label(_LEFT + (i + 0.5) * _WIDE, foot + 18, number(value), text_anchor="middle")


def number(value: float) -> str:
    """A number as people write it: a small one with its power of ten.

    >>> number(3e-05), number(0.00025), number(0.03), number(0)
    ('3e-5', '2.5e-4', '0.03', '0')
    """
    if not 0 < value < 0.01:
        return f"{value:g}"
    mantissa, power = f"{value:e}".split("e")
    return f"{float(mantissa):g}e{int(power)}"


def _cell(place: tuple[int, int], ends: Sequence[End], note: str | None) -> Markup:
    x, y = _LEFT + place[0] * _WIDE, _TOP + place[1] * _HIGH
    room = _WIDE - _GAP
    step = min(_TILE + 3, (room - 8) / max(1, len(ends)))
    start = x + (room - step * len(ends) + 3) / 2
    box = svg.rect(x, y, room, _HIGH - _GAP, rx=4, class_=f"cell {_commonest(ends)}".strip())
    tiles = [_tile(start + i * step, y + 9, end) for i, end in enumerate(ends)]
    below = svg.label(x + room / 2, y + 46, note or "", text_anchor="middle", class_="note")
    return svg.group(box, *tiles, below)


def _commonest(ends: Sequence[End]) -> str:
    """The look of more than half of the runs; "" where no end has that many."""
    look, count = Counter(end.look for end in ends).most_common(1)[0]
    return look if 2 * count > len(ends) else ""


def _tile(x: float, y: float, end: End) -> Markup:
    box = svg.rect(x, y, _TILE, _TILE, rx=3, class_="box")
    sign = svg.label(x + _TILE / 2, y + 13.5, end.sign, class_="sign", text_anchor="middle")
    return svg.group(box, sign, class_=end.look)


def _legend(i: int, end: End, y: float) -> Markup:
    words = svg.label(46, y + 26 * i + 13.5, f"{end.name}: {end.says}")
    return svg.group(_tile(18, y + 26 * i, end), words)
