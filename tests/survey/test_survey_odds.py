"""Log-probabilities in a survey: the same mean as draws, valid evidence, and a check on honesty."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import product
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenodds.distributions import parse
from evenodds.measure.eprocess import Share
from evenodds.models.base import Reply
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Connection, ModelCaller
from evenodds.survey.analysis.analysis import Settings, analyse_question
from evenodds.survey.analysis.store_tables import tables_of
from evenodds.survey.analysis.tables import Tables, counted_table
from evenodds.survey.analysis.verdicts import Judged, judge_draws
from evenodds.survey.analysis.weighed import mean_sequence
from evenodds.survey.cells import question_of
from evenodds.survey.interfaces import Reader
from evenodds.survey.market import Market
from evenodds.survey.odds import odds_of, offers_odds
from evenodds.survey.plan import plan
from evenodds.survey.question import QUESTIONS, SurveyCell
from evenodds.survey.reading import Reading, read
from evenodds.survey.run import run
from evenodds.survey.stopping import Bounds, Stopper
from evenodds.survey.stopping_odds import Agreement, begun
from evenodds.survey.stopping_parts import Pair, Several
from evenodds.survey.store import Store
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task

COIN = QUESTIONS["coin"]
Tree = dict[str, tuple[float, Any]]


def replies(tree: Tree, said: str = "", path: tuple[Any, ...] = ()) -> list[tuple[float, Reply]]:
    """Every reply of a tree of tokens with its probability, and what is shown along it."""
    if not tree:
        return [(1.0, _reply(said, path))]
    top = {token: prob for token, (prob, _) in tree.items()}
    found = []
    for token, (prob, below) in tree.items():
        for rest, reply in replies(below, said + token, (*path, (token, top))):
            found.append((prob * rest, reply))
    return found


def _reply(said: str, path: tuple[Any, ...]) -> Reply:
    content = [
        {
            "token": token,
            "logprob": log(top[token]),
            "top_logprobs": [{"token": t, "logprob": log(p)} for t, p in top.items()],
        }
        for token, top in path
    ]
    raw = {"choices": [{"message": {"content": said}, "logprobs": {"content": content}}]}
    return Reply(said, "stop", raw)


def cell(labels: tuple[str, str], form: str = "bare") -> SurveyCell:
    task = Task(
        f"Flip a coin, {labels[0]} or {labels[1]}.",
        parse(f'weighted({{"{labels[0]}": 1, "{labels[1]}": 1}})'),
        AnswerFormat.from_text(form),
    )
    return question_of(task, "flip").cells[0]


HEADS: Tree = {"Heads": (0.3, {}), " tails": (0.45, {}), "he": (0.25, {"ads": (1.0, {})})}
SPLIT: Tree = {
    "my": (0.35, {"n": (1.0, {"bi": (1.0, {})})}),
    "qpmzj": (0.4, {}),
    "mynbi": (0.15, {}),
    "q": (0.1, {"pmzj": (1.0, {})}),
}
TALK: Tree = {
    "I see": (0.5, {" it.\nOutput: ": (1.0, {"0": (0.9, {}), "1": (0.1, {})})}),
    "Output: ": (0.5, {"0": (0.2, {}), "1": (0.8, {})}),
}
CASES = [
    (("heads", "tails"), "bare", HEADS, 0.55),
    (("mynbi", "qpmzj"), "bare", SPLIT, 0.5),
    (("0", "1"), "prefix:Output: ", TALK, 0.55),
]


@pytest.mark.parametrize(("labels", "form", "tree", "first"), CASES)
def test_odds_have_the_mean_of_draws_and_less_variance(
    labels: tuple[str, str], form: str, tree: Tree, first: float
) -> None:
    asked = cell(labels, form)
    question = question_of(asked.task)
    mean = square = shown = 0.0
    for prob, reply in replies(tree):
        reading = read(question, asked, reply)
        assert reading.outcome is not None
        odds = reading.odds or tuple(float(k == reading.outcome) for k in range(2))
        mean, square = mean + prob * odds[0], square + prob * odds[0] ** 2
        shown += prob * bool(reading.odds)
    assert mean == pytest.approx(first, abs=1e-9)
    assert shown > 0.3 and square - mean**2 < 0.9 * first * (1 - first)


def test_what_does_not_follow_from_what_is_shown_has_no_odds() -> None:
    asked = cell(("heads", "tails"))
    (_, spoilt), *_ = replies({"heads": (1.0, {" or tails, who knows": (1.0, {})})})
    assert read(question_of(asked.task), asked, spoilt).odds == ()
    (_, plain), *_ = replies({"heads": (0.5, {}), "tails": (0.5, {})})
    assert odds_of(asked, plain, 0) == (0.5, 0.5)
    assert odds_of(asked, plain, 1) == ()  # read as something else than what was begun
    assert odds_of(asked, Reply("heads", "stop", {"choices": []}), 0) == ()
    thought = {**(plain.raw or {}), "usage": {"completion_tokens_details": {"reasoning_tokens": 9}}}
    assert odds_of(asked, Reply("heads", "stop", thought), 0) == ()
    assert offers_odds(["logprobs"], COIN) and not offers_odds([], COIN)
    assert not offers_odds(["logprobs"], QUESTIONS["twelve"])


@pytest.mark.parametrize(("p0", "eps", "mean"), [(0.5, 0.1, 0.6), (0.5, 0.1, 0.4), (0.3, 0.2, 0.5)])
@pytest.mark.parametrize("spread", [0.05, 0.3])
def test_no_gambler_gains_at_the_edge(p0: float, eps: float, mean: float, spread: float) -> None:
    """Exact: over all courses of 5 replies whose mean is at the edge, the wealth is at most 1."""
    part = Pair(Share(p0, eps), 50, 1.0, 20.0)
    steps = [
        (0.5 * (x if y == 0 else 1 - x), x, y)
        for x, y in product((mean - spread, mean + spread), (0, 1))
    ]
    biased = fair = 0.0
    for course in product(steps, repeat=5):
        evidence = begun(part)
        prob = 1.0
        for share, x, y in course:
            evidence.show(y, (x, 1 - x))
            prob *= share
        biased += prob * exp(evidence.log_bias())
        fair += prob * exp(evidence.log_fair())
    assert biased <= 1 + 1e-9 and fair <= 1 + 1e-9
    assert biased > 0.2 and fair > 0.2


def test_several_outcomes_bet_with_the_mean_factor() -> None:
    p = np.full(3, 1 / 3)
    part = Several(p, 0.1, 1.0, 20.0)
    edge = np.array([1 / 3 + 0.1, 1 / 3, 1 / 3 - 0.1])
    wealth = 0.0
    for course in product(range(3), repeat=5):
        evidence, prob = begun(part), 1.0
        for y in course:
            evidence.show(y, tuple(edge.tolist()))
            prob *= edge[y]
        wealth += prob * exp(evidence.log_bias())
    assert 0.2 < wealth <= 1 + 1e-9
    plain, shown = part.begin(), begun(part)
    rng = random.Random(0)
    for _ in range(60):
        y = rng.choices(range(3), (0.6, 0.2, 0.2))[0]
        plain.add(y)
        shown.show(y, (0.6, 0.2, 0.2))
    assert shown.log_bias() > plain.log_bias() - log(2)


def test_draws_that_follow_their_odds_are_believed() -> None:
    laws = [(0.2, 0.8), (0.7, 0.3)]
    wealth = 0.0
    for course in product(product(laws, (0, 1), (0, 1)), repeat=3):
        agrees, prob = Agreement(), 1.0
        for law, y, order in course:
            agrees.take(y, (y - order) % 2, law)
            prob *= 0.25 * law[y]
        wealth += prob * exp(agrees.log_e)
    assert wealth == pytest.approx(1.0)


@pytest.mark.parametrize("rest", ["first place", "first outcome", "likeliest"])
def test_a_model_that_shows_other_odds_than_its_own_is_not_certified(rest: str) -> None:
    """It shows a fair coin (or 60/40 either way), and always says the same."""
    stopper, rng, i = (
        Stopper(COIN, eps=0.1, bounds=Bounds(None, None), showing=["m"]),
        random.Random(1),
        0,
    )
    while not stopper.done("m") and i < 400:
        order, tilt = rng.randrange(2), 0.1 * rng.choice((-1, 1)) * (rest == "likeliest")
        odds = (0.5 + tilt, 0.5 - tilt)
        said = {"first place": order, "first outcome": 0, "likeliest": int(tilt < 0)}[rest]
        stopper.see("m", i, Reading("outcome", said, (said - order) % 2, odds=odds))
        i += 1
    standing = stopper.standing("m")
    if rest == "first outcome":
        assert standing.verdict == "biased"
    else:
        assert not standing.trusted  # whatever its draws say by themselves: here they are balanced
        assert standing.n > 150


def test_odds_save_draws_and_keep_the_errors() -> None:
    found: dict[str, Counter[str]] = {"fair": Counter(), "edge": Counter()}
    used = []
    for seed in range(60):
        for name, mean in (("fair", 0.5), ("edge", 0.6)):
            rng = random.Random(f"{seed}{name}")
            stopper = Stopper(COIN, eps=0.1, cap=400, showing=["m"], bounds=Bounds(None, None))
            i = 0
            while not stopper.done("m"):
                x = mean + 0.15 * rng.choice((-1, 1))
                y, order = int(rng.random() >= x), rng.randrange(2)
                place = (y - order) % 2
                stopper.see("m", i, Reading("outcome", y, place, odds=(x, 1 - x)))
                i += 1
            found[name][stopper.verdict("m")] += 1
            used += [stopper.standing("m").n] if name == "fair" else []
    assert found["fair"]["fair"] >= 57 and np.mean(used) < 80  # draws alone: 240
    assert found["edge"]["fair"] <= 8 and found["edge"]["biased"] <= 8  # at most .05 of each


def surveyed(market: Market, folder: Path, draws: int, *, shown: bool = True) -> dict[str, Any]:
    """Verdicts of the models of a market that offer odds: (verdict, draws used, shown)."""
    from evenodds.survey.catalogue import Catalogue

    listed = Catalogue.load(market.url)
    models = [m for m in listed.models if offers_odds(m.supported, COIN)]
    asked = Catalogue(tuple(models), (), "test")
    names = [m.id for m in models] if shown else []
    stopper = Stopper(COIN, eps=0.1, cap=400, models=len(models), showing=names)
    connection = Connection(market.url)
    store = Store(folder / "survey.sqlite")

    def caller(model: Any) -> ModelCaller:
        made = ModelCaller(connection, model.id)
        made.options = type(made.options)(top_logprobs=20 if shown else 0)
        return made

    run(
        asked,
        [COIN],
        plan(models, [COIN], draws),
        store,
        connect=caller,
        reader=Reader(1, read),
        stopper={"coin": stopper},
        config={"logprobs": shown, "stopping": {"rule": "per_model"}},
    )
    kept = store.rows("SELECT COUNT(*) FROM odds")[0][0]
    (table,) = tables_of(store, {"coin": COIN}).tables
    shape: Any = {"eps": 0.1, "alpha": 0.05, "minimum": 12, "bounds": Bounds()}
    judged = judge_draws(table, COIN, **shape)
    told = [(stopper.verdict(m), stopper.standing(m).n) for m in table.models]
    assert [(each.verdict, each.used) for each in judged] == told
    store.close()
    standings = {m.id: stopper.standing(m.id) for m in models}
    return {"kept": kept, **{name: (s.verdict, s.n, s.shown) for name, s in standings.items()}}


def test_a_run_in_parts_with_odds_comes_to_the_same(tmp_path: Path) -> None:
    with Market(models=12, seed=4, faults="few,stall=0,repeated=0", latency=0.0) as market:
        whole = surveyed(market, tmp_path / "whole", 400)
        for draws in (5, 33, 400):
            parts = surveyed(market, tmp_path / "parts", draws)
        plain = surveyed(market, tmp_path / "plain", 400, shown=False)
    kept = [found.pop("kept") for found in (whole, parts, plain)]
    assert parts == whole and kept[2] == 0
    assert min(kept[:2]) >= sum(shown for _, _, shown in whole.values()) > 0
    fair = [name for name, (verdict, _, _) in whole.items() if verdict == "fair"]
    assert fair and all(whole[name][1] < 0.6 * plain[name][1] for name in fair)


def test_a_model_that_refuses_to_show_is_asked_without() -> None:
    caller = ModelCaller(Connection("http://127.0.0.1:9/v1"), "a/b")
    caller.options = type(caller.options)(top_logprobs=20)
    body = caller.body("Flip.", COIN.decoding, 0, 0)
    said = {"error": {"message": "logprobs is not supported with this model", "param": "logprobs"}}
    assert body["top_logprobs"] == 20
    assert caller.learn(body, Fault("answered 400", again=False, status=400, body=said))
    assert "logprobs" not in caller.body("Flip.", COIN.decoding, 0, 1)


def shown_table(models: int, n: int, seed: int, spread: float) -> tuple[Any, np.ndarray]:
    """A table of coin draws with their odds, and the true biases of its models."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(0, 0.5, models) * rng.choice((-1, 1), models)
    x = np.clip(0.5 + true[:, None] + spread * rng.choice((-1, 1), (models, n)), 0, 1)
    draws = (rng.random((models, n)) >= x).astype(np.int64)
    names = [f"a/m{k:03}" for k in range(models)]
    counts = np.stack([n - draws.sum(axis=1), draws.sum(axis=1)], axis=1)
    bare = counted_table("coin", names, counts, np.array([0.5, 0.5]), ("h", "t"), sequential=True)
    odds = {
        name: {i: (float(p), float(1 - p)) for i, p in enumerate(x[k])}
        for k, name in enumerate(names)
    }
    found = replace(bare, outcome=draws.ravel(), showing=frozenset(names), odds=odds)
    clipped = np.clip(0.5 + true + spread, 0, 1) + np.clip(0.5 + true - spread, 0, 1)
    return found, np.abs(clipped / 2 - 0.5)


def test_estimates_from_odds_are_nearer_and_their_intervals_cover() -> None:
    table, true = shown_table(60, 40, 3, 0.1)
    judged = [Judged("undecided", "undecided", 40, shown=40) for _ in table.models]
    tables = Tables((table,))
    found = analyse_question(table, judged, tables, Settings())
    blind = analyse_question(replace(table, showing=frozenset()), judged, tables, Settings())
    doubted = [replace(each, trusted=False) for each in judged]
    assert analyse_question(table, doubted, tables, Settings()).rows[0].tv == blind.rows[0].tv

    def errors(rows: Any, name: str) -> float:
        return float(
            np.mean([abs(getattr(row, name) - t) for row, t in zip(rows, true, strict=True)])
        )

    for name in ("tv", "shrunken"):
        assert errors(found.rows, name) < 0.5 * errors(blind.rows, name)
    covered = [row.low <= t <= row.high for row, t in zip(found.rows, true, strict=True)]
    assert np.mean(covered) >= 0.95
    rank = np.argsort(np.argsort(true)) + 1
    inside = [r.rank_low <= k <= r.rank_high for r, k in zip(found.rows, rank, strict=True)]
    widths = [[r.rank_high - r.rank_low for r in each.rows] for each in (found, blind)]
    assert np.mean(inside) >= 0.85 and np.mean(widths[0]) < 0.6 * np.mean(widths[1])
    assert "showed log-probabilities" in found.remarks[-1]


@pytest.mark.parametrize("mean", [0.5, 0.3, 0.93])
@pytest.mark.parametrize("spread", [0.02, 0.07])
def test_intervals_of_means_hold_at_any_stopping_time(mean: float, spread: float) -> None:
    rng, missed = np.random.default_rng(int(1e4 * (mean + spread))), 0
    for _ in range(100):
        x = mean + spread * rng.choice((-1, 1), 120)
        ends = [mean_sequence(x[:n], 0.1) for n in (5, 12, 40, 120)]
        missed += any(not low <= mean <= high for low, high in ends)
        assert ends[-1][1] - ends[-1][0] < (0.12 if spread < 0.05 else 0.18)
    assert missed <= 18  # 10 expected at most; more with probability .006
