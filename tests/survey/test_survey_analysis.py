"""A survey's analysis as one record: verdicts, rows, costs, the published tables, the commands."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from evenodds.cli import app
from evenodds.errors import DrawsError, EvenoddsError, RunError
from evenodds.models.endpoint_shared import Answered
from evenodds.report.survey_demo import demo_lines
from evenodds.report.survey_lines import analysis_lines
from evenodds.survey.analysis.analysis import Analysis, Settings, analyse
from evenodds.survey.analysis.costs import costs, saving
from evenodds.survey.analysis.published_analysis import demo
from evenodds.survey.analysis.store_tables import tables_of
from evenodds.survey.analysis.tables import Tables, counted_table
from evenodds.survey.analysis.verdicts import judge_counts, judge_draws
from evenodds.survey.question import QUESTIONS, SurveyQuestion
from evenodds.survey.stopping import Bounds, Stopper
from evenodds.survey.store import Store

COIN = QUESTIONS["coin_article"]
FAIR = np.array([0.5, 0.5])
DRAWS = {"a/constant": (60, 0), "b/fair": (700, 700), "c/unsure": (25, 22), "d/silent": (0, 0)}


def counted(sequential: bool = True) -> Tables:
    counts = np.array(list(DRAWS.values()))
    table = counted_table("coin_article", list(DRAWS), counts, FAIR, sequential=sequential)
    order = np.random.default_rng(0).permutation(len(table))
    mixed = table.outcome[order][np.argsort(table.model[order], kind="stable")]
    return Tables((replace(table, outcome=mixed),))


def test_verdicts_are_those_of_stopping() -> None:
    (table,) = counted().tables
    judged = judge_draws(table, COIN, eps=0.05, alpha=0.05, minimum=12, bounds=Bounds())
    assert [each.verdict for each in judged] == ["biased", "fair", "undecided", "undecided"]
    assert judged[0].used < 20
    stopper = Stopper(COIN, eps=0.05, alpha=0.05, cap=2_000)
    from evenodds.survey.reading import Reading

    for i, outcome in enumerate(table.indices(2).tolist()):
        stopper.see("c/unsure", i, Reading("outcome", outcome))
    assert (judged[2].log_biased, judged[2].log_fair) == pytest.approx(stopper.log_e("c/unsure"))


def test_together_needs_more_evidence_than_alone() -> None:
    """One model of 200 with an e-value just above 20 is biased alone, and not among all."""
    counts = np.tile([[6, 6]], (200, 1))
    counts[0] = [12, 0]
    table = counted_table("coin_article", [f"m{i}" for i in range(200)], counts, FAIR)
    judged = judge_draws(table, COIN, eps=0.05, alpha=0.05, minimum=12, bounds=Bounds(None, None))
    assert judged[0].verdict == "biased"
    assert judged[0].together == "undecided"


def test_unseen_models_count_among_the_hypotheses() -> None:
    table = counted_table("q", ["m"], np.array([[37, 10]]), FAIR)
    alone = judge_counts(table, eps=0.05, alpha=0.05)[0]
    among = judge_counts(table, eps=0.05, alpha=0.05, others=239)[0]
    assert (alone.together, among.together) == ("biased", "undecided")
    assert alone.verdict == among.verdict == "biased"


def test_an_analysis_is_a_record_that_comes_back() -> None:
    found = analyse(counted(), {"coin_article": COIN})
    text = json.dumps(found.to_json(), allow_nan=False)
    assert Analysis.from_json(json.loads(text)) == found
    rows = {row.model: row for row in found.questions[0].rows}
    assert rows["a/constant"].rank_low == rows["a/constant"].rank_high == 3
    assert rows["b/fair"].near is not None
    assert rows["b/fair"].near > 0.95
    assert rows["d/silent"].rank_low is None
    assert rows["d/silent"].tv is None
    assert rows["c/unsure"].low == 0.0
    assert "no rank" in " ".join(found.questions[0].remarks)
    with pytest.raises(RunError, match="format"):
        Analysis.from_json({"format": 0})


def test_text_says_first_what_it_means_in_80_columns() -> None:
    lines = analysis_lines(analyse(counted(), {"coin_article": COIN}))
    assert lines[0].startswith("coin_article: of 4 models 1 is biased, 1 fair within .05, ")
    assert max(map(len, lines)) <= 80


def test_questions_and_contrasts_that_are_none_are_refused() -> None:
    with pytest.raises(RunError, match="coin_article"):
        analyse(counted(), {})
    with pytest.raises(DrawsError, match="contrast"):
        Settings(contrasts=("height",))
    with pytest.raises(EvenoddsError):
        Settings(eps=2.0)


def test_costs_put_the_dearest_first_and_count_what_failed() -> None:
    (table,) = counted().tables
    priced = replace(table, cost=np.where(table.model == 0, 0.01, 0.001))
    found = costs(Tables((priced,), spent={"a/constant": 0.8, "e/failed": 5.0}))
    assert [row.model for row in found.models][:2] == ["e/failed", "b/fair"]
    assert found.spent == pytest.approx(0.8 + 1.4 + 0.047 + 5.0)
    assert found.half == 1
    saved = saving(priced, 1000)
    assert saved.dollars == pytest.approx(940 * 0.01 + 953 * 0.001)


def test_a_die_is_analysed_by_tv() -> None:
    rng = np.random.default_rng(0)
    die = QUESTIONS["die"]
    p = np.full(6, 1 / 6)
    counts = np.vstack([rng.multinomial(60, p, size=9), [[0, 0, 0, 60, 0, 0]]])
    table = counted_table("die", [f"o/m{i}" for i in range(10)], counts, p, sequential=True)
    row = analyse(Tables((table,)), {"die": die}).questions[0].rows[-1]
    assert row.verdict == "biased"
    assert row.favourite == 3
    assert row.tv == pytest.approx(5 / 6)
    assert row.excess_tv == pytest.approx(5 / 6 - row.floor)
    assert row.low > 0.4


def test_the_published_tables_are_read_as_they_must_be() -> None:
    found = demo()
    assert found.chance == pytest.approx(0.44, abs=0.005)
    assert round(found.expected) == 106
    assert found.certifiable > 0.10
    assert sum(row.together == "biased" for row in found.rows) == 20
    assert not any(row.verdict == "fair" for row in found.rows)
    assert found.even_width == (pytest.approx(2, abs=1), pytest.approx(81, abs=8))
    assert found.least_width[1] > found.even_width[1]
    assert not any(effect.finding for effect in found.effects.effects)
    lines = demo_lines(found)
    assert max(map(len, lines)) <= 80
    assert "artefacts of the selection" in " ".join(lines)
    json.dumps(found.to_json(), allow_nan=False)


def ledger(place: Path, question: SurveyQuestion) -> Store:
    store = Store(place / "survey.sqlite")
    store.agree({"seed": 0, "questions": {question.name: question.hash}, "stopping": None})
    for model, answers in {"z/b": ["0", "1", "maybe"], "a/b": ["1", "1"]}.items():
        for i, said in enumerate(answers):
            cell = question.cell(model, i, seed=0)
            call = store.reserve(model, question.name, i, cell.key, worst=0.5)
            text = said if said == "maybe" else f"Output: {said}"
            body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
            store.settle(call, 0.25, Answered(200, json.dumps(body)), 1.5)
    return store


def test_tables_come_from_the_raw_replies(tmp_path: Path) -> None:
    store = ledger(tmp_path, COIN)
    found = tables_of(store, {COIN.name: COIN})
    (table,) = found.tables
    assert table.models == ("a/b", "z/b")
    assert table.counts.tolist() == [[0, 2], [1, 1]]
    assert table.n.tolist() == [2, 3]
    assert table.cost.tolist() == [0.25] * 5
    assert table.latency.tolist() == [1.5] * 5
    assert found.spent == {"a/b": 0.5, "z/b": 0.75}
    with pytest.raises(RunError, match="no draw"):
        tables_of(store, {"die": QUESTIONS["die"]})
    store.close()


def test_the_commands_print_text_and_json(tmp_path: Path) -> None:
    ledger(tmp_path, COIN).close()
    told = CliRunner().invoke(app, ["survey", "analyse", str(tmp_path)])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("coin_article: of 2 models")
    found = CliRunner().invoke(app, ["survey", "analyse", str(tmp_path), "--json"])
    assert len(json.loads(found.output)["questions"][0]["rows"]) == 2
    shown = CliRunner().invoke(app, ["survey", "demo"])
    assert shown.output.startswith("The published tables show")
