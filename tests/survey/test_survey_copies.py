"""Copies of earlier replies: paid, kept, counted, and never a draw."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from survey_stand_ins import READER, Catalogue, Coin, Lead, World, body_of, model, said

from evenodds.models.endpoint_body import reply_seed
from evenodds.models.endpoint_fault import Fault
from evenodds.models.endpoint_shared import Answered, Connection, ModelCaller
from evenodds.survey import reading
from evenodds.survey.analysis.analysis import analyse
from evenodds.survey.analysis.store_tables import tables_of
from evenodds.survey.catalogue import Catalogue as Listed
from evenodds.survey.copies import MOST, copies, endless, reply_mark
from evenodds.survey.interfaces import Reader
from evenodds.survey.limits import Limits
from evenodds.survey.market import Market
from evenodds.survey.plan import plan
from evenodds.survey.progress import Outcome
from evenodds.survey.question import QUESTIONS
from evenodds.survey.run import run
from evenodds.survey.session import series_seed
from evenodds.survey.store import Store

LAW = {"a/fair": 0.5, "b/tilted": 0.7}
QUICK = Limits(backoff=0.001, longest=0.002, cooldown=0.005, patience=0.2, threshold=3)


def test_an_id_is_known_again_with_its_time_and_whatever_was_said() -> None:
    long = "gen-0123456789abcdef"
    marks = {
        reply_mark({"id": long, "created": 1, "choices": ["heads"]}),
        reply_mark({"id": long, "created": 1, "choices": ["tails"]}),
    }
    assert len(marks) == 1 and 0 not in marks
    assert reply_mark({"id": long, "created": 2}) not in marks
    nameless = ({"id": "chatcmpl-999"}, {"id": 12345678901234567890}, [])
    assert [reply_mark(record) for record in nameless] == [0, 0, 0]


def test_copies_in_a_row_are_counted_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        marks = rng.integers(0, rng.integers(2, 60), size=rng.integers(0, 80))
        seen: set[int] = set()
        row, end, found = 0, None, []
        for at, mark in enumerate(marks.tolist(), start=1):
            found.append(bool(mark) and mark in seen)
            seen.add(mark)
            row = row + 1 if found[-1] else 0
            end = at if row == MOST and end is None else end
        assert copies(marks).tolist() == found and endless(np.array(found, dtype=bool)) == end


def original(i: int) -> int:
    """Which draw's reply is given out for draw i: a third are copies of one some places before."""
    rng = random.Random(f"copy {i}")
    return max(0, i - rng.randrange(1, 9)) if rng.random() < 0.35 else i


def source(i: int) -> int:
    while original(i) != i:
        i = original(i)
    return i


SEEDS = {reply_seed(series_seed(0, "coin"), i): i for i in range(200)}


def cached(name: str, seed: int, nth: int) -> Answered:
    i = source(SEEDS[seed])
    text = said(name, reply_seed(series_seed(0, "coin"), i), LAW)
    return Answered(200, json.dumps({**json.loads(body_of(text)), "id": f"reply-number-{i:08}"}))


def by_hand(draws: int, by: int) -> dict[str, tuple[int, int, str]]:
    """One reply after the other; a reply of an id that was seen is none."""
    found = {}
    for name in LAW:
        ids: set[int] = set()
        lead = at = copied = 0
        for i in range(draws):
            if source(i) in ids:
                copied += 1
                continue
            ids.add(source(i))
            at += 1
            text = said(name, reply_seed(series_seed(0, "coin"), source(i)), LAW)
            lead += 1 if text == "heads" else -1
            if abs(lead) >= by:
                break
        found[name] = (at, copied, "biased" if abs(lead) >= by else "undecided")
    return found


def survey(
    path: Path, trouble: Any, draws: int, by: int = 6, law: Any = LAW, **more: Any
) -> tuple[Outcome, Store, World]:
    models = tuple(map(model, law))
    store, world = Store(path / "survey.sqlite"), World(law, latency=0.001, trouble=trouble)
    shape: Any = {"connect": world.connect, "reader": READER, "limits": QUICK, **more}
    told = plan(models, [Coin()], draws)
    outcome = run(Catalogue(models), [Coin()], told, store, stopper={"coin": Lead(by)}, **shape)
    return outcome, store, world


def ends(outcome: Outcome) -> dict[str, tuple[int, int, str]]:
    return {stop.model: (stop.at, stop.copied, stop.verdict) for stop in outcome.stops}


@pytest.mark.parametrize("by", [6, 1000])
def test_what_is_a_draw_does_not_depend_on_who_was_quicker_nor_on_a_resume(
    tmp_path: Path, by: int
) -> None:
    rng = random.Random(3)

    def unruly(name: str, seed: int, nth: int) -> Answered:
        if rng.random() < 0.3:
            raise Fault("broke off", again=True)
        return cached(name, seed, nth)

    wanted = by_hand(90, by)
    assert all(copied > 1 for _, copied, _ in wanted.values())
    for turn, trouble in enumerate((cached, unruly, unruly)):
        outcome, _, _ = survey(tmp_path / str(turn), trouble, 90, by)
        assert ends(outcome) == wanted
    for draws in (7, 31, 90, 90):
        outcome, store, world = survey(tmp_path / "resumed", unruly, draws, by)
        store.close()
    assert ends(outcome) == wanted and not world.calls
    if by == 1000:
        assert outcome.unused == 0 and outcome.copied == sum(c for _, c, _ in wanted.values())


def test_reading_anew_finds_the_same_copies(tmp_path: Path) -> None:
    first, store, _ = survey(tmp_path, cached, 60, 1000)
    store.close()
    again, store, world = survey(tmp_path, cached, 60, 1000, reader=Reader(2, READER.read))
    assert again.read_anew == first.paid == 120 and not world.calls
    assert ends(again) == ends(first)
    marks = store.rows("SELECT reader, COUNT(DISTINCT mark) FROM readings GROUP BY reader")
    assert marks == [(1, marks[0][1]), (2, marks[0][1])]


def test_a_model_behind_a_cache_is_given_up_and_stays_so(tmp_path: Path) -> None:
    def same(name: str, seed: int, nth: int) -> Answered | None:
        if name == "a/fair":
            return Answered(200, json.dumps({**json.loads(body_of("heads")), "id": "x" * 20}))
        return None

    outcome, store, world = survey(tmp_path, same, 150, 1000)
    stops = {stop.model: stop for stop in outcome.stops}
    stop = stops["a/fair"]
    assert (stop.at, stop.copied, stop.why) == (1, MOST, "given up") and "a cache?" in stop.fault
    assert stops["b/tilted"].why == "all draws" and stops["b/tilted"].copied == 0
    asked = sum(name == "a/fair" for name, _ in world.calls)
    assert asked < MOST + 1 + 2 * QUICK.ahead
    store.close()
    outcome, _, world = survey(tmp_path, same, 150, 1000)
    assert not world.calls
    (again,) = (each for each in outcome.stops if each.model == "a/fair")
    assert (again.at, again.copied, again.why) == (1, MOST, "given up")


def test_a_market_that_gives_out_earlier_replies(tmp_path: Path) -> None:
    """Copies are paid as the market bills them, and no analysis sees one."""
    coin = QUESTIONS["coin"]
    with Market(models=5, seed=3, faults="repeated=0.25") as market:
        listed = Listed.load(market.url)
        connection = Connection(market.url)
        store = Store(tmp_path / "survey.sqlite")
        outcome = run(
            listed,
            [coin],
            plan(listed.models, [coin], 300),
            store,
            connect=lambda info: ModelCaller(connection, info.id),
            reader=Reader(1, reading.read),
        )
        truth = market.truth()
    assert outcome.copied > 20
    assert outcome.spent == pytest.approx(truth["dollars"], abs=1e-6)
    whole = {name: account["whole"] for name, account in truth["bill"].items()}
    assert {stop.model: stop.kept for stop in outcome.stops} == whole
    ids: dict[str, list[str]] = {}
    for row in store.draws("coin"):
        ids.setdefault(row.model, []).append(json.loads(row.raw)["id"])
    copied = {name: len(each) - len(set(each)) for name, each in ids.items()}
    assert {stop.model: stop.copied for stop in outcome.stops} == copied
    tables = tables_of(store, {"coin": coin})
    (table,) = tables.tables
    assert table.copied == outcome.copied and len(table) == outcome.paid - outcome.copied
    assert dict(zip(table.models, table.n.tolist(), strict=True)) == {
        stop.model: stop.at for stop in outcome.stops
    }
    (found,) = analyse(tables, {"coin": coin}).questions
    assert any("Copies of earlier replies" in remark for remark in found.remarks)
