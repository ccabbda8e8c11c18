"""A run: what is asked, in which order it is seen, what is paid, and what a resume owes."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from survey_stand_ins import READER, Catalogue, Coin, Lead, World, body_of, model, said

from evenodds.errors import RunError
from evenodds.models.endpoint_body import reply_seed
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered
from evenodds.survey.interfaces import Reader
from evenodds.survey.limits import Limits
from evenodds.survey.model_info import CallPrices
from evenodds.survey.plan import plan
from evenodds.survey.progress import Outcome, Progress
from evenodds.survey.run import run
from evenodds.survey.session import series_seed
from evenodds.survey.store import Store

LAW = {"a/fair": 0.5, "b/heads": 1.0, "c/tilted": 0.8, "d/tails": 0.1}
QUICK = Limits(backoff=0.001, longest=0.002, cooldown=0.005, patience=0.2, threshold=3)


def survey(
    path: Path,
    world: World,
    draws: int = 40,
    *,
    lead: Lead | None = None,
    limits: Limits = QUICK,
    cap: float | None = None,
    cap_per_model: float | None = None,
    prices: CallPrices | None = None,
    **more: Any,
) -> tuple[Outcome, Store]:
    models = tuple(model(name, *(() if prices is None else (prices,))) for name in world.law)
    store = Store(path / "survey.sqlite")
    told = plan(models, [Coin()], draws, cap=cap, cap_per_model=cap_per_model)
    outcome = run(
        Catalogue(models),
        [Coin()],
        told,
        store,
        **{"connect": world.connect, "reader": READER, "limits": limits, **more},
        stopper={} if lead is None else {"coin": lead},
    )
    return outcome, store


def by_hand(draws: int, by: int = 5) -> dict[str, tuple[int, str]]:
    """The obvious way: one draw after the other."""
    found = {}
    for name in LAW:
        lead = n = 0
        while n < draws and abs(lead) < by:
            text = said(name, reply_seed(series_seed(0, "coin"), n), LAW)
            lead, n = lead + (1 if text == "heads" else -1), n + 1
        found[name] = (n, "biased" if abs(lead) >= by else "undecided")
    return found


def ends(outcome: Outcome) -> dict[str, tuple[int, str]]:
    return {stop.model: (stop.at, stop.verdict) for stop in outcome.stops}


def test_every_draw_is_asked_once_and_kept_raw(tmp_path: Path) -> None:
    world = World(LAW)
    outcome, store = survey(tmp_path, world, 20)
    rows = list(store.draws("coin"))
    assert len(world.calls) == len(set(world.calls)) == outcome.paid == len(rows) == 80
    assert [(row.model, row.i) for row in rows] == [(name, i) for name in LAW for i in range(20)]
    for row in rows:
        text = said(row.model, reply_seed(series_seed(0, "coin"), row.i), LAW)
        assert row.raw == body_of(text)
        assert row.cell_key == Coin().cell(row.model, row.i, 0, False).key
    assert outcome.spent == pytest.approx(80e-5)
    assert {stop.why for stop in outcome.stops} == {"all draws"}


def test_verdicts_are_those_of_one_draw_after_the_other_whatever_comes_first(
    tmp_path: Path,
) -> None:
    """Random latencies and faults change the order of arrival and nothing else."""
    rng = random.Random(1)

    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        if rng.random() < 0.2:
            raise Fault("broke off", again=True)
        return None

    for turn in range(3):
        world = World(LAW, trouble=trouble if turn else lambda *_: None)
        outcome, _ = survey(tmp_path / str(turn), world, lead=Lead())
        assert ends(outcome) == by_hand(40)


def test_no_more_is_asked_ahead_than_allowed_and_the_rest_is_told(tmp_path: Path) -> None:
    outcome, _ = survey(tmp_path, World(LAW, latency=0.001), lead=Lead())
    assert 0 < outcome.unused <= 4 * (QUICK.ahead - 1)
    assert all(stop.kept - stop.at < QUICK.ahead for stop in outcome.stops)


def test_politeness_one_call_first_then_no_more_than_allowed(tmp_path: Path) -> None:
    world = World(LAW, latency=0.002)
    limits = Limits(concurrency=6, per_model=2)
    survey(tmp_path, world, 30, limits=limits)
    assert world.most[""] == 6
    assert max(world.most[name] for name in LAW) == 2
    assert {name for name, _ in world.calls[:4]} == set(LAW)


def test_a_finished_survey_asks_nothing_more_and_more_draws_ask_the_rest(tmp_path: Path) -> None:
    survey(tmp_path, World(LAW), 10)[1].close()
    again = World(LAW)
    outcome, store = survey(tmp_path, again, 10)
    assert not again.calls and outcome.paid == 0
    store.close()
    more = World(LAW)
    outcome, store = survey(tmp_path, more, 15)
    assert len(more.calls) == 20 and len(list(store.draws("coin"))) == 60


def test_another_survey_in_the_folder_is_refused(tmp_path: Path) -> None:
    survey(tmp_path, World(LAW), 2)[1].close()
    with pytest.raises(RunError, match="seed: recorded 0, now 1"):
        survey(tmp_path, World(LAW), 2, seed=1)


def test_the_caps_hold_whatever_is_under_way(tmp_path: Path) -> None:
    """Every reply costs its worst case; nothing fits after a call that costs what is left."""
    worst = plan([model("a/b")], [Coin()], 1).lines[0].worst_call or 0
    cost = body_of("heads", cost=worst)
    world = World(LAW, latency=0.001, trouble=lambda *_: Answered(200, cost))
    outcome, store = survey(tmp_path, world, 40, cap=worst * 30.5)
    assert worst * 29 <= store.spent() <= worst * 30.5
    assert {stop.why for stop in outcome.stops} == {"cap"}
    store.close()
    outcome, store = survey(tmp_path, world, 40, cap=worst * 50.5, cap_per_model=worst * 12)
    assert all(store.spent(name) <= worst * 12 * 1.000001 for name in LAW)
    assert store.spent() <= worst * 50.5


def test_a_call_that_costs_less_than_its_worst_gives_the_rest_back(tmp_path: Path) -> None:
    world = World({"a/fair": 0.5}, latency=0.001)
    worst = plan([model("a/fair")], [Coin()], 1).lines[0].worst_call or 0
    outcome, _ = survey(tmp_path, world, 40, cap=worst * 2.7)
    assert outcome.paid == 40 and outcome.spent == pytest.approx(40e-5) and worst > 2e-4


def test_without_usage_a_reply_counts_at_its_worst(tmp_path: Path) -> None:
    bare = Answered(200, body_of("heads", cost=None))
    _, store = survey(tmp_path, World({"a/b": 0.5}, trouble=lambda *_: bare), 3)
    rows = store.rows("SELECT worst, cost FROM calls")
    assert len(rows) == 3 and all(worst == cost for worst, cost in rows)


def test_under_a_cap_models_of_unknown_price_are_not_asked(tmp_path: Path) -> None:
    world = World({"a/b": 0.5})
    outcome, _ = survey(tmp_path, world, 3, cap=1.0, prices=CallPrices())
    assert not world.calls and outcome.stops[0].why == "price unknown"


def test_a_failure_is_never_a_draw_and_is_named(tmp_path: Path) -> None:
    """Half of all calls fail in every way there is; each draw is there once, with a real reply."""
    ways: list[Any] = [
        Answered(200, '{"error": {"message": "overloaded", "code": 503}}'),
        Answered(200, '{"choices": [{"mess'),
        Fault("answered 500", again=True, status=500),
        Fault("did not answer within 60 s", again=True),
        Fault("answered 429", again=True, status=429, wait=0.001),
    ]
    rng, used = random.Random(2), Counter[int]()

    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        if rng.random() < 0.5:
            return None
        used[way := rng.randrange(len(ways))] += 1
        if isinstance(ways[way], Fault):
            raise ways[way]
        return ways[way]

    outcome, store = survey(tmp_path, World(LAW, trouble=trouble), 30)
    rows = list(store.draws("coin"))
    assert len(rows) == 120 and {row.raw for row in rows} == {body_of("heads"), body_of("tails")}
    assert min(used.values()) > 5 and outcome.failed == used.total()
    came = store.rows("SELECT COUNT(*) FROM raw")[0][0]
    assert came == 120 + used[0] + used[1], "what came is kept, replies or not"
    free = store.rows("SELECT COUNT(*) FROM calls WHERE state = 'failed' AND cost = 0")[0][0]
    assert free == used[2] + used[4], "only what a status refused costs nothing"


def test_replies_that_are_no_outcome_are_draws(tmp_path: Path) -> None:
    said_so = [
        Answered(200, body_of("")),
        Answered(200, body_of("edge")),
        Answered(200, body_of("hea", finish_reason="length")),
        Answered(400, '{"error": {"code": "content_filter", "message": "no"}}'),
    ]
    world = World({"a/b": 0.5}, trouble=lambda model, seed, nth: said_so[nth % 4])
    outcome, store = survey(tmp_path, world, 8)
    kinds = [row[0] for row in store.rows("SELECT kind FROM readings")]
    assert outcome.paid == 8 and outcome.failed == 0
    assert Counter(kinds) == {6: 4, 2: 2, 5: 2}


def test_a_model_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        if name == "b/heads":
            raise Fault("answered 404: no such model", again=False, status=404)
        return None

    world = World(LAW, trouble=trouble)
    outcome, _ = survey(tmp_path, world, 10)
    ended = {stop.model: (stop.why, stop.kept) for stop in outcome.stops}
    assert ended["b/heads"] == ("refused", 0) and ended["a/fair"] == ("all draws", 10)
    assert sum(name == "b/heads" for name, _ in world.calls) == 1


def test_a_refused_key_ends_the_endpoint_and_not_after_hundreds_of_calls(tmp_path: Path) -> None:
    law = {f"m/{k}": 0.5 for k in range(50)}

    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        raise Fault("answered 401: bad key", again=False, status=401)

    world = World(law, trouble=trouble)
    outcome, _ = survey(tmp_path, world, 10, limits=Limits(concurrency=4))
    assert len(world.calls) <= 8 and {stop.kept for stop in outcome.stops} == {0}
    assert {stop.why for stop in outcome.stops} == {"refused", "given up"}


def test_a_dead_model_is_left_alone_tried_now_and_then_and_given_up(tmp_path: Path) -> None:
    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        if name == "b/heads":
            raise Fault("answered 500", again=True, status=500)
        return None

    world = World(LAW, latency=0.001, trouble=trouble)
    outcome, _ = survey(tmp_path, world, 40)
    ended = {stop.model: stop.why for stop in outcome.stops}
    assert ended.pop("b/heads") == "given up" and set(ended.values()) == {"all draws"}
    assert 3 <= sum(name == "b/heads" for name, _ in world.calls) <= 100


def test_a_model_that_comes_back_is_asked_on(tmp_path: Path) -> None:
    calls = Counter[str]()

    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        calls[name] += 1
        if name == "b/heads" and 5 < calls[name] <= 12:
            raise Fault("answered 500", again=True, status=500)
        return None

    outcome, store = survey(tmp_path, World(LAW, trouble=trouble), 30)
    assert {stop.why for stop in outcome.stops} == {"all draws"}
    assert len(list(store.draws("coin"))) == 120


def test_a_draw_that_never_comes_is_lost_and_stays_so(tmp_path: Path) -> None:
    cursed = reply_seed(series_seed(0, "coin"), 3)

    def trouble(name: str, seed: int, nth: int) -> Answered | None:
        if seed == cursed:
            raise Fault("answered 500: not this one", again=True, status=500)
        return None

    limits = Limits(backoff=0.001, longest=0.002, cooldown=0.005, attempts=3, ahead=4)
    world = World({"a/fair": 0.5}, latency=0.001, trouble=trouble)
    outcome, store = survey(tmp_path, world, 30, lead=Lead(50), limits=limits)
    assert [row.i for row in store.draws("coin")] == [i for i in range(30) if i != 3]
    assert outcome.stops[0].at == 29 and outcome.stops[0].why == "all draws"
    store.close()
    again = World({"a/fair": 0.5})
    outcome, _ = survey(tmp_path, again, 30, lead=Lead(50))
    assert not again.calls and outcome.stops[0].at == 29


def test_reading_is_redone_from_what_was_paid(tmp_path: Path) -> None:
    survey(tmp_path, World(LAW), 10)[1].close()
    world = World(LAW)
    other = Reader(2, READER.read)
    outcome, store = survey(tmp_path, world, 10, reader=other)
    assert not world.calls and outcome.read_anew == 40
    rows = store.rows("SELECT reader, kind, outcome, position, id FROM readings ORDER BY id")
    assert {row[0] for row in rows} == {1, 2}
    assert [r[1:] for r in rows if r[0] == 1] == [r[1:] for r in rows if r[0] == 2]


def test_the_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    survey(tmp_path, World(LAW, latency=0.01), 40, tell=told.append)
    last = told[-1]
    assert last.paid == 160 and last.left == 0 and last.ended == last.lanes == 4
    assert last.spent == pytest.approx(160e-5) and last.under_way == 0
    assert all(one.paid <= two.paid for one, two in pairwise(told))


def test_what_breaks_inside_ends_the_run_with_its_own_error(tmp_path: Path) -> None:
    """A reader that fails loses nothing: the reply is kept, and read by the next one."""

    def broken(question: Any, cell: Any, reply: Any) -> Any:
        raise ZeroDivisionError("a bug")

    world = World(LAW, latency=0.001)
    with pytest.raises(ZeroDivisionError):
        survey(tmp_path, world, 10, reader=Reader(1, broken))
    kept = Store(tmp_path / "survey.sqlite")
    assert len(list(kept.draws("coin"))) >= 1
    kept.close()
    _, store = survey(tmp_path, World(LAW), 10)
    assert len(store.rows("SELECT * FROM readings")) == 40


def test_a_run_inside_a_running_loop(tmp_path: Path) -> None:
    import asyncio

    async def notebook() -> Outcome:
        return survey(tmp_path, World(LAW), 5)[0]

    assert asyncio.run(notebook()).paid == 20
