"""Names and replies come from strangers: no page runs them, no spreadsheet computes them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.ledger.cells import as_cell, from_cell
from evenodds.report.survey_export import write_export
from evenodds.report.survey_page import render_page
from evenodds.report.survey_terminal import report_lines
from evenodds.report.text import columns
from evenodds.survey.analysis.analysis import Analysis, Settings, analyse_question
from evenodds.survey.analysis.costs import costs
from evenodds.survey.analysis.tables import Tables, counted_table
from evenodds.survey.analysis.verdicts import judge_counts
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.covariates import with_covariates, write_covariates
from evenodds.survey.gathered import Gathered, OddReply
from evenodds.survey.model_info import Covariate, ModelInfo, Skip

HOSTILE = (
    "evil/</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "evil/\u202egnp.exe\u200f\u2066",
    "evil/" + "x" * 295,
    "evil/nul\x00\x07\x1b[2J",
    "evil/lone\ud800\udfff",
    '=HYPERLINK("http://x","click")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&#0;]]>",
    'a\nb\r\nc,"d"',
    "<!-- -->",
)
PLAIN = tuple(f"kind/model-{at}" for at in range(len(HOSTILE)))
MARKS = ("=", "+", "-", "@", "\t", "\r")


def surveyed(names: tuple[str, ...]) -> tuple[Analysis, Gathered]:
    """A survey of models of these names, which say and are everything else by them too."""
    k = np.arange(len(names)) * 9 + 100
    counts = np.stack([k, 300 - k], axis=1)
    table = counted_table("coin", names, counts, np.array([0.5, 0.5]), names[:2])
    tables = Tables((replace(table, why=dict(zip(names, names, strict=True))),))
    tables = replace(tables, spent=dict.fromkeys(names, 0.5), faults={names[0]: 3})
    judged = judge_counts(table, eps=0.05, alpha=0.05)
    found = analyse_question(table, judged, tables, Settings())
    odd = tuple(OddReply("coin", name, "refused", 2, name, name, name) for name in names)
    told = Gathered(
        config={"seed": 1, "url": names[0], "questions": {names[1]: names[2]}},
        models=len(names),
        calls=9,
        skipped=tuple(Skip(name, name) for name in names),
        silent=tuple(Skip(name, name) for name in names),
        odd=odd,
        ended={"coin": {names[3]: 2}},
        faults=dict.fromkeys(names, 1),
        source=names[4],
    )
    return Analysis((found,), costs(tables), Settings(), remarks=(), versions={}), told


class Tags(HTMLParser):
    """Counts the elements of a page, and their attributes' names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: Counter[tuple[str, ...]] = Counter()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[(tag, *(name for name, _ in attrs))] += 1

    def handle_comment(self, data: str) -> None:
        self.seen[("comment",)] += 1


def test_a_page_of_hostile_names_has_the_elements_of_one_of_plain_names() -> None:
    page = render_page(*surveyed(HOSTILE), HOSTILE[0])
    assert Tags(page).seen == Tags(render_page(*surveyed(PLAIN), PLAIN[0])).seen
    for never in ("<script", "<img", "\u202e", "\u200f", "\x00", "\x1b", "\x07"):
        assert never not in page
    assert "{{ 7 * 7 }}" in page
    page.encode("utf-8")
    assert len(page) < 2 * len(render_page(*surveyed(PLAIN), PLAIN[0]))


@pytest.mark.parametrize("shown", [3, None])
def test_a_terminal_shows_hostile_names_in_80_visible_columns(shown: int | None) -> None:
    lines = report_lines(*surveyed(HOSTILE), shown)
    assert max(map(columns, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_no_cell_of_the_csv_begins_a_formula_and_every_name_comes_back(tmp_path: Path) -> None:
    analysis, _ = surveyed(HOSTILE)
    write_export(analysis, tmp_path / "models.csv")
    text = (tmp_path / "models.csv").read_bytes().decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    texts = [cell for row in rows[1:] for cell in row if not _number(cell)]
    assert not [cell for cell in texts if cell.lstrip().startswith(MARKS)]
    known = {name.encode("utf-8", "backslashreplace").decode() for name in HOSTILE}
    assert {from_cell(row[1]) for row in rows[1:]} == known
    low = min(float(row[rows[0].index("excess_tv")]) for row in rows[1:])
    assert low < 0, "numbers stay numbers"


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n a1\uff1d"), max_size=8))
def test_a_cell_gives_its_text_back_and_is_no_formula(text: str) -> None:
    cell = as_cell(text)
    assert from_cell(cell) == text
    assert not cell.lstrip(" ").startswith((*MARKS, "\n", "\uff1d"))
    assert cell in (text, f"'{text}")


def test_traits_for_editing_are_no_formulas_either(tmp_path: Path) -> None:
    names = [name for name in HOSTILE if name.isprintable()]
    told = Covariate("=cmd|'x'", "+file")
    models = tuple(ModelInfo(name, "", covariates={"organisation": told}) for name in names)
    write_covariates(models, tmp_path / "traits.csv")
    text = (tmp_path / "traits.csv").read_text("utf-8")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(MARKS)]
    again = with_covariates(Catalogue(models, source="x"), tmp_path / "traits.csv")
    assert sorted(again.models, key=str) == sorted(models, key=str)
