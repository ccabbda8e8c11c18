"""All models of a survey drawn: at a glance, and row by row with intervals of bias and of rank."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from evenodds.report.short_names import short_names
from evenodds.report.survey_terminal import in_order, part_mark, whole
from evenodds.report.survey_words import bound, dollars
from evenodds.report.svg import circle, element, figure, group, label, line, rect
from evenodds.report.text import distance, printable
from evenodds.survey.analysis.analysis import QuestionAnalysis
from evenodds.survey.analysis.rows import ModelRow

BLOCK = 40
"""Models under one axis."""
SMALL = 2.0
"""Dots up to this radius are too small to point at, so they carry no words of their own."""
_ROW, _HEAD, _WIDE = 17, 42, 960
_NAME_LETTERS, _TAG = 34, 254
_BIAS, _RANK = (262, 540), (568, 722)
_COLUMNS = {"n": 768, "near": 807, "place": 846, "bad": 886, "cost": 960}


def highest(found: QuestionAnalysis) -> float:
    """The end of the axis of bias: where the last interval ends, rounded up to a tenth."""
    ends = [min(row.high, 1.0) for row in found.rows if row.tv is not None]
    return next(tenth / 10 for tenth in range(1, 11) if tenth / 10 >= max(ends, default=0.1))


def overview(found: QuestionAnalysis, eps: float, width: float = _WIDE) -> Markup:
    """Every model as one line, least biased first: its estimate, and the interval of its bias."""
    rows = [row for row in in_order(found.rows) if row.tv is not None]
    left, top, height, most = 44, 12, 250, highest(found)
    bottom = top + height

    def up(value: float) -> float:
        return bottom - height * min(value, most) / most

    step = (width - left - 8) / max(1, len(rows))
    band = rect(left, up(eps), width - left, bottom - up(eps), class_="band")
    marks = [
        _upright(
            row,
            left + 4 + step * (at + 0.5),
            up,
            min(4.0, max(2.2 if width == _WIDE else 1.3, step * 0.5)),
        )
        for at, row in enumerate(rows)
    ]
    words = f"Bias of {len(rows)} models with intervals, least biased first"
    named = f"fair within {bound(eps)}"
    return figure(
        width,
        bottom + 26,
        words,
        band,
        *(_level(tick, up(tick), (left, width)) for tick in _ticks(most)),
        *marks,
        label(width - 6, bottom - 6, named, class_="note halo", text_anchor="end"),
        label(left, bottom + 19, "least biased", class_="note"),
        label(width, bottom + 19, "most biased", class_="note", text_anchor="end"),
        class_="survey overview",
    )


def _level(tick: float, y: float, ends: tuple[float, float]) -> Markup:
    return group(
        line(ends[0], y, ends[1], y, class_="grid"),
        label(ends[0] - 7, y + 4, distance(tick), class_="tick", text_anchor="end"),
    )


def _upright(row: ModelRow, x: float, up: Callable[[float], float], size: float) -> Markup:
    return group(
        *([element("title", _told(row))] if size > SMALL else []),
        line(x, up(row.low), x, up(row.high), class_="reach"),
        circle(x, up(row.tv or 0.0), size, class_="mark"),
        class_=f"is-{row.verdict}",
    )


def _ticks(most: float) -> list[float]:
    every = 1 if most <= 0.6 else 2
    return [tenth / 10 for tenth in range(0, round(most * 10) + 1, every)]


def forest(found: QuestionAnalysis, eps: float) -> list[Markup]:
    """One figure for every 40 models: bias with its interval, rank with its interval, numbers."""
    rows = in_order(found.rows)
    names = short_names((row.model for row in rows), _NAME_LETTERS)
    blocks = [rows[at : at + BLOCK] for at in range(0, len(rows), BLOCK)]
    shape = (highest(found), max(2, found.ranked))
    return [_block(block, at * BLOCK + 1, shape, eps, names) for at, block in enumerate(blocks)]


def _block(
    rows: Sequence[ModelRow],
    first: int,
    shape: tuple[float, int],
    eps: float,
    names: Mapping[str, str],
) -> Markup:
    bottom = _HEAD + _ROW * len(rows)
    most, ranks = shape
    words = f"Models {first} to {first + len(rows) - 1}: bias and rank with intervals"
    return figure(
        _WIDE,
        bottom + 6,
        words,
        rect(_BIAS[0], _HEAD, _along(eps, most) - _BIAS[0], bottom - _HEAD, class_="band"),
        *(_upright_grid(_along(tick, most), distance(tick), bottom) for tick in _ticks(most)),
        *(_upright_grid(_rank(r, ranks), str(r), bottom) for r in _rank_ticks(ranks)),
        *_heads(eps),
        *(
            _row(row, _HEAD + _ROW * (at + 0.5), shape, names[row.model].rstrip())
            for at, row in enumerate(rows)
        ),
        class_="survey forest",
    )


def _heads(eps: float) -> list[Markup]:
    near = f"P<{bound(eps)}"
    named = {"n": "draws", "near": near, "place": "1st", "bad": "bad", "cost": "cost"}
    return [
        label(0, 12, "model", class_="head"),
        label(_BIAS[0], 12, "bias, 95% interval", class_="head"),
        label(_RANK[0], 12, "rank, 95% interval", class_="head"),
        *(
            label(_COLUMNS[key], 12, words, class_="head", text_anchor="end")
            for key, words in named.items()
        ),
    ]


def _upright_grid(x: float, words: str, bottom: float) -> Markup:
    return group(
        line(x, _HEAD, x, bottom, class_="grid"),
        label(x, _HEAD - 6, words, class_="tick", text_anchor="middle"),
    )


def _along(value: float, most: float) -> float:
    return _BIAS[0] + (_BIAS[1] - _BIAS[0]) * min(value, most) / most


def _rank(rank: float, ranks: int) -> float:
    return _RANK[0] + (_RANK[1] - _RANK[0]) * (rank - 1) / (ranks - 1)


def _rank_ticks(ranks: int) -> list[int]:
    """The first, the last, and round numbers between.

    >>> _rank_ticks(240), _rank_ticks(3)
    ([1, 60, 120, 180, 240], [1, 2, 3])
    """
    if ranks <= 4:
        return list(range(1, ranks + 1))
    return [1, *(round(ranks * quarter / 4) for quarter in (1, 2, 3)), ranks]


def _row(row: ModelRow, y: float, shape: tuple[float, int], name: str) -> Markup:
    most, ranks = shape
    place = None if row.first_place is None else row.first_place.value
    numbers = {
        "n": f"{row.n:,}",
        "near": whole(row.near),
        "place": whole(place),
        "bad": whole(None if row.invalid is None else row.invalid.value),
        "cost": dollars(row.cost),
    }
    return group(
        element("title", _told(row)),
        rect(0, y - _ROW / 2, _WIDE, _ROW, class_="hover"),
        label(0, y + 4, name, class_="name"),
        label(_TAG, y + 4, part_mark(row).strip(), class_=_part(row), text_anchor="end"),
        *_estimate(row, y, most),
        *_ranks(row, y, ranks),
        *(
            label(_COLUMNS[key], y + 4, words, class_="number", text_anchor="end")
            for key, words in numbers.items()
        ),
        class_=f"is-{row.verdict}",
    )


def _part(row: ModelRow) -> str:
    """The colour of what a verdict hangs on: red where it is one."""
    return "part" if row.verdict == "biased" else "part open"


def _estimate(row: ModelRow, y: float, most: float) -> list[Markup]:
    if row.tv is None or row.shrunken is None:
        return [label(_BIAS[0] + 4, y + 4, "no valid answer", class_="note")]
    at = _along(row.shrunken, most)
    return [
        line(_along(row.low, most), y, _along(row.high, most), y, class_="reach"),
        line(at, y - 5, at, y + 5, class_="shrunken"),
        circle(_along(row.tv, most), y, 3.6, class_="mark"),
    ]


def _ranks(row: ModelRow, y: float, ranks: int) -> list[Markup]:
    if row.rank_low is None or row.rank_high is None:
        return []
    left, right = _rank(row.rank_low, ranks), _rank(row.rank_high, ranks)
    return [rect(left - 1, y - 2.5, right - left + 2, 5, rx=2.5, class_="ranks")]


def _told(row: ModelRow) -> str:
    if row.tv is None:
        return f"{printable(row.model)}: no valid answer of {row.n}"
    return (
        f"{printable(row.model)}: {row.verdict}, bias {distance(row.tv)} "
        f"({distance(row.low)} to {distance(row.high)}), rank {row.rank_low} to {row.rank_high}, "
        f"{row.n} draws{_odds(row)}"
    )


def _odds(row: ModelRow) -> str:
    """How many of the draws came with their odds, which then stand in their place."""
    told = "" if row.judged.trusted else ", which they do not follow"
    return f", {row.judged.shown} of them with log-probabilities{told}" if row.judged.shown else ""
