"""A schema and the levels of the design as factors: laws by enumeration, and a market's truth."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product
from math import exp

import numpy as np
import pytest
from scipy.stats import fisher_exact

from evenodds.models.endpoint_shared import Connection, ModelCaller
from evenodds.report.survey_factors import level_lines, schema_lines
from evenodds.survey import reading
from evenodds.survey.analysis.analysis import Analysis, Settings, analyse
from evenodds.survey.analysis.clustered import mean_over
from evenodds.survey.analysis.components import components
from evenodds.survey.analysis.factor import SchemaEffect, schema_effects
from evenodds.survey.analysis.levels import levels, words_of
from evenodds.survey.analysis.marks import counts_by_mark, excess, marked_anew, mean_squares
from evenodds.survey.analysis.store_tables import tables_of
from evenodds.survey.analysis.tables import CellFacts, Table, Tables
from evenodds.survey.analysis.two_laws import log_e_same, same_law_p, tv_between
from evenodds.survey.catalogue import Catalogue as Listed
from evenodds.survey.interfaces import Reader
from evenodds.survey.market import Market, MarketModel, law
from evenodds.survey.model_info import CallPrices
from evenodds.survey.plan import plan
from evenodds.survey.question import QUESTIONS, SurveyQuestion
from evenodds.survey.run import run
from evenodds.survey.store import Store

COIN, FORCED = QUESTIONS["coin"], QUESTIONS["coin_structured"]
SHARED = {cell.key.removesuffix(".json") for cell in FORCED.cells}


def table_of(question, models, model, cell, outcome, *, sequential=False) -> Table:
    n = len(model)
    none, free = np.zeros(n, dtype=np.int64), np.zeros(n)
    facts = [CellFacts(c.key, c.phrasing, c.label_set, c.order) for c in question.cells]
    target = np.array(list(question.law.probs().values()))
    names = tuple(map(str, question.law.support))
    ids = (np.asarray(model), np.arange(n), np.asarray(cell))
    rest = (none, np.asarray(outcome), none - 1, free, free)
    return Table(question.name, names, target, models, tuple(facts), *ids, *rest, 0, sequential)


# Two samples.


def test_fishers_test_is_scipys() -> None:
    for a, b, c, d in product(range(6), repeat=4):
        if a + b and c + d:
            p = same_law_p(np.array([a, b]), np.array([c, d]), sequential=False)
            assert p == pytest.approx(fisher_exact([[a, b], [c, d]])[1])


def ways(q: float, most: int) -> Iterator[tuple[float, np.ndarray]]:
    """Every way to toss until there is a head after a tail, `most` times at most."""

    def on(seen: tuple[int, ...], chance: float) -> Iterator[tuple[float, np.ndarray]]:
        if len(seen) == most or seen[-2:] == (1, 0):
            yield chance, np.bincount(seen, minlength=2)
            return
        yield from on((*seen, 0), chance * q)
        yield from on((*seen, 1), chance * (1 - q))

    return on((), 1.0)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.8])
def test_the_e_value_is_at_most_one_on_average_though_the_draws_decide_when_to_stop(q) -> None:
    """By enumeration of all draws of both samples; Fisher's p-value is too small there."""
    pairs = [(a * b, x, y) for a, x in ways(q, 9) for b, y in ways(q, 5)]
    assert sum(chance for chance, _, _ in pairs) == pytest.approx(1)
    assert sum(chance * exp(log_e_same(x, y)) for chance, x, y in pairs) <= 1 + 1e-12
    for alpha in (0.05, 0.2):
        wrong = sum(c for c, x, y in pairs if same_law_p(x, y, sequential=True) <= alpha)
        assert wrong <= alpha


def test_fixed_numbers_need_no_e_value_and_stopped_ones_do() -> None:
    """One arm stops when heads lead by 2.2 sd, the other never: Fisher is wrong, e is not."""
    rng, fisher, e = np.random.default_rng(1), 0, 0
    n = np.arange(1, 501)
    for _ in range(200):
        lead = np.cumsum(rng.choice([1, -1], 500))
        far = np.flatnonzero((lead >= 2.2 * np.sqrt(n)) & (n >= 10))
        last = int(far[0]) if len(far) else 499
        x = np.array([last + 1 + lead[last], last + 1 - lead[last]]) // 2
        heads = rng.binomial(2000, 0.5)
        y = np.array([heads, 2000 - heads])
        fisher += same_law_p(x, y, sequential=False) <= 0.05
        e += same_law_p(x, y, sequential=True) <= 0.05
    assert fisher > 30 and e <= 10


def test_several_outcomes_are_permuted() -> None:
    rng = np.random.default_rng(0)
    p = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    small = [
        same_law_p(rng.multinomial(40, p), rng.multinomial(25, p), sequential=False) <= 0.1
        for _ in range(150)
    ]
    assert 2 <= sum(small) <= 32  # 15 +- 5 sd: beyond once in a million
    assert same_law_p(np.array([30, 0, 1]), np.array([0, 1, 30]), sequential=False) == 1e-4


def test_the_interval_between_two_laws_covers() -> None:
    rng = np.random.default_rng(3)
    laws = np.array([[0.5, 0.3, 0.1, 0.1], [0.3, 0.3, 0.3, 0.1]])
    for sequential in (False, True):
        for _ in range(100):
            x, y = rng.multinomial(80, laws[0]), rng.multinomial(40, laws[1])
            tv, low, high = tv_between(x, y, sequential, 0.05)
            assert low <= 0.2 <= high and low <= tv <= high
    assert tv_between(np.array([900, 100]), np.array([100, 900]), True, 0.05)[1] > 0.7


# A mean over models.


def test_random_signs_are_exact_by_enumeration() -> None:
    """Of all signs of fixed sizes, at most alpha reject a mean of 0; the interval says the same."""
    sizes, names = np.array([0.3, 1.0, 0.2, 0.7, 0.1, 0.5, 0.9]), list("abcdefg")
    found = [mean_over(sizes * s, names, alpha=0.1) for s in product((1, -1), repeat=7)]
    rejected = [each.p_value <= 0.1 for each in found]
    assert 0 < sum(rejected) <= 0.1 * 2**7
    assert [not each.low <= 0 <= each.high for each in found] == rejected


def test_models_of_one_organisation_are_no_evidence_of_their_own() -> None:
    many = mean_over(np.full(60, 0.1), ["one"] * 60)
    assert many.low is None and many.estimate == pytest.approx(0.1)
    values = np.r_[np.full(50, 0.5), np.random.default_rng(0).normal(0, 0.05, 10)]
    alike = mean_over(values, ["big"] * 50 + [f"o{i}" for i in range(10)])
    alone = mean_over(values, [f"o{i}" for i in range(60)])
    assert alone.p_value < 0.001 and alike.p_value > 0.05 and alike.low < 0


# The schema as a factor.


def model(name: str, **truth: float) -> MarketModel:
    supported = frozenset({"response_format", "structured_outputs"})
    return MarketModel(name, CallPrices(1e-6, 1e-6), supported=supported, **truth)


def chances(who: MarketModel, question: SurveyQuestion) -> np.ndarray:
    """The probability of outcome 0 in each cell."""
    found = []
    for cell in question.cells:
        told = law(who, cell.task.prompt, structured=cell.structured)
        found.append(told.prob(cell.labels[0]))
    return np.array(found)


def market_table(
    models: list[MarketModel], question: SurveyQuestion, n: int, rng: np.random.Generator
) -> Table:
    who = np.repeat(np.arange(len(models)), n)
    cell = rng.integers(len(question.cells), size=len(who))
    table = np.array([chances(each, question) for each in models])
    outcome = (rng.random(len(who)) >= table[who, cell]).astype(np.int64)
    return table_of(question, tuple(each.id for each in models), who, cell, outcome)


def truth(who: MarketModel) -> tuple[float, float]:
    """The bias of either arm over the shared prompts."""
    shared = np.array([cell.key in SHARED for cell in COIN.cells])
    arms = chances(who, COIN)[shared], chances(who, FORCED)
    return abs(arms[0].mean() - 0.5), abs(arms[1].mean() - 0.5)


@pytest.fixture(scope="module")
def market() -> tuple[list[MarketModel], Tables]:
    """Models of 12 labs: a third is not changed by a schema, a third by .2, a third by -.1."""
    rng = np.random.default_rng(4)
    models = [
        model(
            f"lab-{i % 12}/m{i}",
            bias=0.1 + 0.15 * rng.random(),
            favourite=float(rng.random()),
            position=0.1 * (i % 2),
            schema=(0.0, 0.2, -0.1)[i % 3],
        )
        for i in range(36)
    ]
    tables = tuple(market_table(models, q, 300, rng) for q in (COIN, FORCED))
    return models, Tables(tables)


def test_the_effect_of_a_schema_is_the_markets(market) -> None:
    models, tables = market
    (found,) = schema_effects(tables)
    assert found.cells == len(FORCED.cells) == 120 and not found.sequential
    true = {each.id: truth(each) for each in models}
    change = {name: forced - free for name, (free, forced) in true.items()}
    inside = [row.change_low <= change[row.model] <= row.change_high for row in found.models]
    assert all(inside) and len(inside) == 36
    changed = {each.id for each in models if each.schema}
    called = {row.model for row in found.models if row.finding}
    assert {m.id for m in models if m.schema == 0.2} <= called
    assert len(called - changed) <= 1
    assert found.number(1) >= 12 and found.number(-1) > 0
    mean = np.mean(list(change.values()))
    assert found.mean.low <= mean <= found.mean.high
    assert abs(found.mean.estimate - mean) < 0.01 and found.mean.organisations == 12


def test_only_prompts_that_both_arms_ask_are_compared(market) -> None:
    """What is answered to the other wordings of the free arm changes nothing."""
    _, tables = market
    free, forced = tables.tables
    other = np.array([cell.key not in SHARED for cell in free.cells])[free.cell]
    assert other.any()
    spoiled = replace(free, outcome=np.where(other, 0, free.outcome))
    assert schema_effects(Tables((spoiled, forced))) == schema_effects(tables)


def test_without_a_second_arm_or_a_shared_model_there_is_nothing(market) -> None:
    _, tables = market
    assert schema_effects(Tables(tables.tables[:1])) == ()
    free, forced = tables.tables
    (found,) = schema_effects(Tables((free, replace(forced, models=tuple(map(str, range(36)))))))
    assert found.models == () and found.mean is None
    assert "0 models" in " ".join(schema_lines(found))


def test_arms_that_stopped_by_themselves_are_judged_by_e_values(market) -> None:
    _, tables = market
    stopped = replace(tables, tables=tuple(replace(t, sequential=True) for t in tables.tables))
    (fixed,), (found,) = schema_effects(tables), schema_effects(stopped)
    assert found.sequential
    for wide, narrow in zip(found.models, fixed.models, strict=True):
        assert wide.p_value >= narrow.p_value
        assert wide.change_low < narrow.change_low and wide.change_high > narrow.change_high
    assert found.number(1) >= 10, "a schema that adds .2 is seen all the same"


@pytest.mark.slow
def test_a_survey_of_both_arms_against_a_market_finds_its_schema_effects(tmp_path) -> None:
    """From the listing to the analysis; what the models do under a schema is the market's truth."""
    with Market(models=160, seed=5, faults="few,stall=0") as market:
        true = market.truth()["models"]
        able = [name for name, each in true.items() if "response_format" in each["supported"]]
        moved = [n for n in able if true[n]["schema"] > 0.12 and not true[n]["greedy"]][:6]
        still = [n for n in able if true[n]["schema"] == 0 and true[n]["bias"] < 0.3][:6]
        listed = Listed.load(market.url)
        asked = listed.with_models(m for m in listed.models if m.id in {*moved, *still})
        connection, store = Connection(market.url), Store(tmp_path / "survey.sqlite")
        questions = {"coin": COIN, "coin_structured": FORCED}
        run(
            asked,
            list(questions.values()),
            plan(asked.models, list(questions.values()), 200),
            store,
            connect=lambda info: ModelCaller(connection, info.id),
            reader=Reader(1, reading.read),
            config={"stopping": None},
        )
    (found,) = schema_effects(tables_of(store, questions))
    rows = {row.model: row for row in found.models}
    assert len(moved) >= 5 and set(rows) == {*moved, *still} and not found.sequential
    for name, row in rows.items():
        bias = true[name]["bias"]
        change = min(0.5, max(0.0, bias + true[name]["schema"])) - bias
        assert row.change_low <= change <= row.change_high
    assert not any(rows[name].finding for name in still)
    clear = [name for name in moved if true[name]["bias"] < 0.35]
    assert sum(rows[name].finding and rows[name].change > 0 for name in clear) >= len(clear) - 1


# Levels.


def test_which_wording_is_worst_is_found_and_orders_are_not_accused() -> None:
    rng = np.random.default_rng(3)
    names = tuple(f"lab-{i % 15}/m{i}" for i in range(45))
    who = np.repeat(np.arange(45), 150)
    cell = rng.integers(len(COIN.cells), size=len(who))
    bad = np.array([c.phrasing == "p4" for c in COIN.cells])[cell]
    side = rng.choice([-1, 1], 45)
    p = 0.5 + side[who] * np.where(bad, 0.3, 0.1)
    outcome = (rng.random(len(who)) >= p).astype(np.int64)
    table = table_of(COIN, names, who, cell, outcome, sequential=True)
    found = levels(table, Tables((table,)), words_of(COIN))
    by = {f: [row for row in found if row.factor == f] for f in ("phrasing", "labels", "order")}
    assert [len(rows) for rows in by.values()] == [8, 10, 2]
    worst = by["phrasing"][0]
    assert worst.level == "p4" and worst.finding and "I cannot decide" in worst.words
    assert worst.bias == pytest.approx(0.3, abs=0.03)
    assert worst.interval[0] < 0.3 < worst.interval[1]
    assert not any(row.finding for f in ("labels", "order") for row in by[f])
    assert sum(row.finding and row.more > 0 for row in by["phrasing"]) == 1
    assert sum(row.draws for row in by["order"]) == len(who)


def test_a_factor_without_effect_shows_none_on_average_whatever_ended_the_draws() -> None:
    """Over all ways to mark given outcomes with levels, the excess of a level is 0 on average."""
    outcome = np.array([0, 0, 1, 0, 0, 0])
    apart = []
    for marks in product(range(3), repeat=6):
        counts = counts_by_mark(np.zeros(6, dtype=int), np.array(marks), outcome, (1, 3, 2))
        apart.append(excess(*mean_squares(counts.astype(float), np.array([0.5, 0.5])))[0, 0])
    known = np.array(apart)[~np.isnan(apart)]
    assert len(known) > 300 and known.mean() == pytest.approx(0, abs=1e-12)
    assert known.max() > 0.1


@pytest.mark.parametrize("dealt", [12, 1])
@pytest.mark.parametrize("shape", [(2, 3, 2), (2, 2, 3)])
def test_marks_put_at_random_have_their_exact_law(shape, dealt, monkeypatch) -> None:
    """Counts of each model and mark beside those of all orders of its draws; 8,000 times."""
    monkeypatch.setattr("evenodds.survey.analysis.marks.MOST_DEALT", dealt)
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 2, size=shape) + (np.arange(shape[2]) == 0)
    found: dict[bytes, int] = {}
    for _ in range(16):
        for each in marked_anew(counts, rng):
            assert (each.sum(axis=2) == counts.sum(axis=2)).all()
            assert (each.sum(axis=1) == counts.sum(axis=1)).all()
            key = each[0].tobytes()
            found[key] = found.get(key, 0) + 1
    marks, outcomes = (np.repeat(i.ravel(), counts[0].ravel()) for i in np.indices(shape[1:]))
    law: dict[bytes, float] = {}
    orders = list(permutations(range(len(marks))))
    for order in orders:
        table = np.zeros(shape[1:], dtype=np.int64)
        np.add.at(table, (marks[list(order)], outcomes), 1)
        law[table.tobytes()] = law.get(table.tobytes(), 0) + 1 / len(orders)
    total = sum(found.values())
    assert set(found) <= set(law)
    for key, p in law.items():  # six standard errors
        assert abs(found.get(key, 0) / total - p) < 6 * np.sqrt(p * (1 - p) / total)


def test_mean_squares_are_those_of_the_components() -> None:
    rng = np.random.default_rng(2)
    who, cell = np.repeat([0, 1], 200), rng.integers(len(COIN.cells), size=400)
    table = table_of(COIN, ("a", "b"), who, cell, rng.integers(2, size=400))
    mark = np.zeros(400, dtype=np.int64)
    square, _ = mean_squares(
        counts_by_mark(who, mark, table.outcome, (2, 1, 2)).astype(float), table.target
    )
    assert square[:, 0] == pytest.approx([each.marginal for each in components(table)])


# In the record, and in words.


def test_factors_are_in_the_record_and_come_back(market) -> None:
    _, tables = market
    both = {"coin": COIN, "coin_structured": FORCED}
    found = analyse(tables, both, Settings(seed=1))
    record = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert Analysis.from_json(record) == found
    assert [each.question for each in found.schemas] == ["coin"]
    assert {row.factor for row in found.questions[0].levels} == {"phrasing", "labels", "order"}
    for old in (record, *record["questions"]):
        old.pop("schemas", None), old.pop("levels", None)
    assert Analysis.from_json(record).schemas == ()


def test_lines_are_narrow_and_say_who_is_changed(market) -> None:
    _, tables = market
    (found,) = schema_effects(tables)
    lines = schema_lines(found, 5)
    assert max(map(len, lines)) <= 80
    said = " ".join(lines)
    assert "120 prompts" in said and "of 36 models" in said
    assert sum(line.startswith("* ") for line in lines) == 5
    again = SchemaEffect.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found and schema_lines(again, 5) == lines
    shown = level_lines(levels(tables.tables[0], tables, words_of(COIN)))
    assert max(map(len, shown)) <= 80 and "by wording" in shown[0] and level_lines(()) == []
