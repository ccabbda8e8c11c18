"""What a survey says in a terminal: no two models look alike, no amount is left unexplained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenodds.cli.survey_progress import told
from evenodds.errors import DrawsError, RunError
from evenodds.report.catalogue import catalogue_lines, dropped_lines
from evenodds.report.short_names import short_names
from evenodds.report.survey_outcome import outcome_lines
from evenodds.report.survey_page import render_page
from evenodds.report.survey_terminal import report_lines
from evenodds.report.text import columns
from evenodds.survey.analysis.analysis import Analysis, analyse
from evenodds.survey.analysis.costs import costs
from evenodds.survey.analysis.tables import Tables, counted_table
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.covariates import with_covariates
from evenodds.survey.gathered import Gathered
from evenodds.survey.market import Market
from evenodds.survey.model_info import CallPrices
from evenodds.survey.progress import Outcome, Progress
from evenodds.survey.question import QUESTIONS
from evenodds.survey.stopping import Stopper
from evenodds.survey.store_rows import Stop

MAKERS = ("anthropic/claude-3.7-sonnet", "anthropic/claude-3.5-sonnet", "neversleep/noromaid-20b")
NAMES = [f"{name}@api.{host}.example" for name in MAKERS for host in ("one", "two")]
GATHERED = Gathered(config={}, models=6, calls=600)
SPREAD = {
    "failed": [],
    "effects": [
        {"words": "tuned for role-play", "factor": 0.8, "low": 0.6, "high": 1.1, "finding": False}
    ],
}


def made(spread: dict[str, object] | None = None) -> Analysis:
    """Six models of two APIs over two questions, with an eighth of the money lost."""
    k = np.arange(20, 80, 10)
    counts = np.stack([k, 100 - k], axis=1)
    tables = Tables(
        tuple(counted_table(name, NAMES, counts, np.array([0.5, 0.5])) for name in ("one", "two"))
    )
    coin = QUESTIONS["coin_article"]
    found = analyse(tables, {name: replace(coin, name=name) for name in ("one", "two")})
    assert found.overall
    return replace(
        found,
        questions=tuple(replace(each, bayes=spread) for each in found.questions),
        costs=replace(costs(tables), spent=4.0, paid=3.5),
    )


def test_models_that_begin_alike_are_told_apart_in_every_table() -> None:
    lines = report_lines(made(), GATHERED, None)
    at = lines.index(next(line for line in lines if line.startswith("   least biased first")))
    assert len({line[2:21] for line in lines[at + 1 : at + 7]}) == len(NAMES)
    at = lines.index(next(line for line in lines if line.startswith("dearest")))
    assert len({line[:30] for line in lines[at + 1 : at + 6]}) == 5
    assert max(map(columns, lines)) <= 80


@pytest.mark.parametrize("width", [10, 19, 34])
def test_short_names_fill_their_column_and_differ(width: int) -> None:
    names = [*NAMES, "骰" * 30, "b/model", "b/model-2", *(f"{'x' * 40}{k}" for k in range(12))]
    short = short_names(names, width)
    assert set(short) == set(names) and len(set(short.values())) == len(names)
    assert {columns(each) for each in short.values()} == {width}


def test_the_regression_that_was_paid_for_is_told() -> None:
    assert not any("Spread of bias" in line for line in report_lines(made(), GATHERED))
    said = "\n".join(report_lines(made(SPREAD), GATHERED))
    assert said.count("Spread of bias") == 2 and "0.60 to 1.10" in said


def test_models_that_begin_alike_are_told_apart_on_the_page() -> None:
    page = render_page(made(), GATHERED, "x")
    drawn = re.findall(r'class="name"[^>]*>([^<]+)<', page)
    assert len(drawn) == 2 * len(NAMES) and len(set(drawn)) == len(NAMES)


def test_money_for_calls_that_failed_is_named() -> None:
    said = " ".join(report_lines(made(), GATHERED))
    assert "$4.0000 for" in said and "$0.5000 of it is what calls that failed" in said


def test_the_page_of_several_questions_is_not_titled_by_the_first_alone() -> None:
    title = render_page(made(), GATHERED, "x").split("<title>")[1]
    assert title.startswith("6 models over 2 questions<")


def test_the_end_of_a_run_names_a_model_once_and_keeps_its_columns_apart() -> None:
    stops = tuple(
        Stop(f"m{m}", q, why="given up", kept=0, at=0, fault="answered 503", verdict="undecided")
        for m in range(7)
        for q in ("coin", "coin/coin labels 11")
    )
    lines = outcome_lines(Outcome(stops, 0, 14, {}, 0.0, 1.0), "x")
    assert sum("answered 503" in line for line in lines) == 5
    assert lines[-1] == "  and 2 more models that were not asked to the end"
    starts = [line.index(" 7 undecided") for line in lines if "7 undecided" in line]
    assert len(starts) == 2 and len(set(starts)) == 1


def test_progress_fits_a_terminal() -> None:
    now = Progress(
        paid=39_785, failed=1_356, under_way=64, spent=38.27, reserved=1.2, lanes=480, ended=250,
        left=56_215, seconds=100.0, seconds_left=4000.0,
    )  # fmt: skip
    assert len(f"{now.paid}/{now.paid + now.left} {told(now)}") <= 80
    assert "$0.0012" in told(replace(now, spent=0.00123))


def test_a_price_a_request_is_listed_and_nobody_left_out_is_said() -> None:
    with Market(models=6, seed=1) as market:
        found = Catalogue.load(market.url)
    dear = replace(found.models[0], prices=CallPrices(1e-6, 1e-6, request=0.005))
    rest = [replace(each, prices=CallPrices(1e-6, 1e-6, request=0.0)) for each in found.models[1:]]
    listed = " ".join(" ".join(catalogue_lines(found.with_models([dear, *rest]))).split())
    assert f"each request costs besides: {dear.id} $0.005." in listed
    assert "each request" not in " ".join(catalogue_lines(found.with_models(rest)))
    assert dropped_lines(found) == ["No model is left out."]


def test_a_file_of_covariates_without_any_is_refused(tmp_path: Path) -> None:
    (tmp_path / "typo.csv").write_text("id,roleplya\na/b,yes\n")
    with Market(models=2, seed=1) as market:
        found = Catalogue.load(market.url)
    with pytest.raises(RunError, match="says no covariate: name its columns organisation"):
        with_covariates(found, tmp_path / "typo.csv")


def test_a_tolerance_that_no_answers_exceed_is_refused() -> None:
    with pytest.raises(DrawsError, match=r"further from its law than 0\.5"):
        Stopper(QUESTIONS["coin"], eps=0.5)
    assert Stopper(QUESTIONS["coin"], eps=0.49).eps == 0.49
    assert Stopper(QUESTIONS["die"], eps=0.5).eps == 0.5
