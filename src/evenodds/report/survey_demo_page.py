"""What the coin article's tables support, as one self-contained page."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from evenodds import __version__
from evenodds.ledger.files import write_atomically
from evenodds.report.audit import small
from evenodds.report.page import page_environment
from evenodds.report.survey_demo import headline, paragraphs
from evenodds.report.survey_lines import signed
from evenodds.report.survey_page import page_css
from evenodds.report.survey_terminal import whole
from evenodds.report.svg import circle, element, figure, group, label, line, rect
from evenodds.report.text import distance, printable
from evenodds.survey.analysis.published_analysis import Demo, DemoRow

__all__ = ["render_demo", "write_demo"]

_WIDE, _ROW, _HEAD = 960, 17, 42
_BIAS, _RANK, _NUMBERS = (290, 510), (545, 770), (825, 875, 960)
_MOST = 0.5
_TABLES = {"least": "The 20 least biased", "most": "The 20 most biased"}


def write_demo(found: Demo, path: Path) -> None:
    """Write the page to `path`, whole or not at all. Raises OSError on a full disk."""
    write_atomically(path, render_demo(found).encode("utf-8"))


def render_demo(found: Demo) -> str:
    """The page as HTML."""
    chance, ranks, selection, traits = paragraphs(found)
    return (
        page_environment()
        .get_template("survey_demo.html.j2")
        .render(
            version=__version__,
            css=page_css(),
            models=found.models,
            lead=headline(found),
            chance=chance,
            ranks=ranks,
            selection=selection,
            traits=traits,
            tables=[(words, _figure(_rows(found, name), found)) for name, words in _TABLES.items()],
            effects=[
                {
                    "words": effect.words,
                    "known": effect.known,
                    "bias": signed(effect.estimate),
                    "naive": small(found.naive[effect.name]),
                    "p": small(effect.p_value),
                }
                for effect in found.effects.effects
            ],
            seed=found.seed,
        )
    )


def _rows(found: Demo, name: str) -> list[DemoRow]:
    return [row for row in found.rows if row.table == name]


def _figure(rows: Sequence[DemoRow], found: Demo) -> Markup:
    """A line a model: printed bias and estimate, rank interval, draws, P(first, last 20)."""
    bottom = _HEAD + _ROW * len(rows)
    right = _bias(found.eps)
    return figure(
        _WIDE,
        bottom + 6,
        f"Bias and rank interval of {len(rows)} published models",
        rect(_BIAS[0], _HEAD, right - _BIAS[0], bottom - _HEAD, class_="band"),
        *(_tick(_bias(tenth / 10), distance(tenth / 10), bottom) for tenth in range(6)),
        *(_tick(_rank(r, found.models), str(r), bottom) for r in (1, 60, 120, 180, found.models)),
        *_heads(rows[0].table),
        *(_row(row, _HEAD + _ROW * (at + 0.5), found.models) for at, row in enumerate(rows)),
        class_="survey",
    )


def _heads(table: str) -> list[Markup]:
    last = {"least": "P(20 least)", "most": "P(20 most)"}[table]
    left = (
        (0, "model"),
        (_BIAS[0], "bias printed, and estimate"),
        (_RANK[0], "rank, 95% interval"),
    )
    right = zip(_NUMBERS, ("draws", "bias", last), strict=True)
    return [
        *(label(x, 12, words, class_="head") for x, words in left),
        *(label(x, 12, words, class_="head", text_anchor="end") for x, words in right),
    ]


def _tick(x: float, words: str, bottom: float) -> Markup:
    return group(
        line(x, _HEAD, x, bottom, class_="grid"),
        label(x, _HEAD - 6, words, class_="tick", text_anchor="middle"),
    )


def _bias(value: float) -> float:
    return _BIAS[0] + (_BIAS[1] - _BIAS[0]) * value / _MOST


def _rank(rank: int, models: int) -> float:
    return _RANK[0] + (_RANK[1] - _RANK[0]) * (rank - 1) / (models - 1)


def _row(row: DemoRow, y: float, models: int) -> Markup:
    left, right = _rank(row.low, models), _rank(row.high, models)
    at, here = _bias(row.shrunken), row.first if row.table == "least" else row.last
    numbers = zip(_NUMBERS, (f"{row.n}", distance(row.bias), whole(here)), strict=True)
    told = (
        f"{printable(row.model)}: {row.verdict}, printed bias {distance(row.bias)} of {row.n}, "
        f"estimate {distance(row.shrunken)}, rank {row.low} to {row.high}"
    )
    return group(
        element("title", told),
        rect(0, y - _ROW / 2, _WIDE, _ROW, class_="hover"),
        label(0, y + 4, printable(row.model, 40), class_="name"),
        line(at, y - 5, at, y + 5, class_="shrunken"),
        circle(_bias(row.bias), y, 3.6, class_="mark"),
        rect(left - 1, y - 2.5, right - left + 2, 5, rx=2.5, class_="ranks"),
        *(label(x, y + 4, words, class_="number", text_anchor="end") for x, words in numbers),
        class_=f"is-{row.verdict}",
    )
