"""The report of a survey: what it says is what the record holds, and no reply can do harm."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from evenodds.errors import RunError
from evenodds.report.survey_demo_page import render_demo
from evenodds.report.survey_export import COLUMNS, export_rows, write_export
from evenodds.report.survey_lines import signed
from evenodds.report.survey_page import render_page
from evenodds.report.survey_terminal import in_order, report_lines
from evenodds.report.text import columns, distance
from evenodds.survey.analysis.analysis import Analysis, Settings, analyse_question
from evenodds.survey.analysis.published_analysis import demo
from evenodds.survey.analysis.tables import Tables, counted_table
from evenodds.survey.analysis.verdicts import judge_counts
from evenodds.survey.gathered import Gathered, OddReply
from evenodds.survey.model_info import Skip

NASTY = '<script>alert(1)</script>\x1b[31m\u202e & "quoted" \' \ud800'


def made(models: int = 60) -> Analysis:
    rng = np.random.default_rng(3)
    k = rng.binomial(400, rng.uniform(0.5, 1.0, models)).astype(np.int64)
    names = [f"lab-{m % 9}/model-{m:03}" for m in range(models - 1)] + [f"evil/{NASTY}"]
    table = counted_table("coin", names, np.stack([k, 400 - k], axis=1), np.array([0.5, 0.5]))
    settings = Settings()
    judged = judge_counts(table, eps=0.05, alpha=0.05)
    found = analyse_question(table, judged, Tables((table,)), settings)
    return Analysis((found,), None, settings, versions={"evenodds": "0"})


ANALYSIS = made()
GATHERED = Gathered(
    config={"seed": 7, "questions": {"coin": "abc"}, "url": "http://x/v1; rm -rf /"},
    models=61,
    calls=24_000,
    skipped=(Skip("left/out", NASTY),),
    silent=(Skip("dead/one", "given up: 503"),),
    odd=(OddReply("coin", f"evil/{NASTY}", "refused", 4, NASTY, NASTY, "refusal"),),
    ended={"coin": {"decided": 59, "all draws": 1}},
)


@pytest.mark.parametrize("shown", [1, 10, None])
def test_no_line_is_wider_than_a_terminal_nor_holds_what_is_invisible(shown: int | None) -> None:
    lines = report_lines(ANALYSIS, GATHERED, shown)
    assert max(map(columns, lines)) <= 80
    assert all(line.isprintable() for line in lines)


def test_the_first_sentence_counts_the_verdicts_of_the_record() -> None:
    found = ANALYSIS.questions[0]
    said = " ".join(report_lines(ANALYSIS, GATHERED))
    numbers = [found.number(v) for v in ("fair", "biased", "undecided")]
    assert sum(numbers) == 60
    told = re.match(r"coin: of 60 models (\d+) are fair .*?, (\d+) biased, (\d+) undecided", said)
    assert told is not None
    assert list(map(int, told.groups())) == numbers


def test_every_model_is_in_the_table_once_and_in_order() -> None:
    rows = in_order(ANALYSIS.questions[0].rows)
    lines = report_lines(ANALYSIS, GATHERED, None)
    at = [n for row in rows[:-1] for n, line in enumerate(lines) if row.model[:17] in line]
    assert at == sorted(at)
    assert all(a.shrunken <= b.shrunken for a, b in pairwise(rows))  # type: ignore[operator]


def test_the_page_holds_every_model_and_runs_nothing() -> None:
    page = render_page(ANALYSIS, GATHERED, "a folder")
    for row in ANALYSIS.questions[0].rows[:-1]:
        assert f">{row.model}<" in page
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    page.encode("utf-8")


def test_verdicts_of_figures_do_not_borrow_the_styles_of_the_training_page() -> None:
    page = render_page(ANALYSIS, GATHERED, "coins")
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.S))
    assert 'class="is-biased"' in drawn
    assert not re.search(r'class="(fair|biased|undecided)"', drawn)


def test_commands_quote_what_a_shell_would_run() -> None:
    page = render_page(ANALYSIS, GATHERED, "a folder")
    assert "--endpoint &#39;http://x/v1; rm -rf /&#39;" in page
    assert "evenodds survey report &#39;a folder&#39;" in page
    assert "evenodds survey run &#39;a folder/catalogue.json&#39;" in page


def test_a_csv_gives_the_record_back(tmp_path: Path) -> None:
    write_export(ANALYSIS, tmp_path / "models.csv")
    text = (tmp_path / "models.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == list(COLUMNS)
    for read, row in zip(rows[:-1], ANALYSIS.questions[0].rows[:-1], strict=True):
        assert (read["model"], read["verdict"]) == (row.model, row.verdict)
        assert float(read["tv"]) == row.tv
        assert [int(c) for c in read["counts"].split()] == list(row.counts)


def test_parquet_holds_the_same_values_with_their_types(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    plain = replace(ANALYSIS.questions[0], rows=ANALYSIS.questions[0].rows[:-1])
    shown = replace(ANALYSIS, questions=(plain,))
    write_export(shown, tmp_path / "models.parquet")
    assert pq.read_table(tmp_path / "models.parquet").to_pylist() == list(export_rows(shown))


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no \.csv or \.parquet"):
        write_export(ANALYSIS, tmp_path / "models.xlsx")


def test_what_was_gathered_survives_json() -> None:
    assert Gathered.from_json(GATHERED.to_json()) == GATHERED


def test_the_page_of_the_demo_shows_every_published_model_and_what_is_not_supported() -> None:
    found = demo(Settings(seed=1))
    page = render_demo(found)
    for row in found.rows:
        said = f"estimate {distance(row.shrunken)}, rank {row.low} to {row.high}</title>"
        assert re.search(rf"<title>{re.escape(row.model)}: {row.verdict}.*{said}", page)
    assert "artefacts of the selection" in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="', page)
    for effect in found.effects.effects:
        assert f">{effect.words}</th><td>{effect.known}</td><td>{signed(effect.estimate)}<" in page
