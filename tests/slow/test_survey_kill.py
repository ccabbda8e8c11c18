"""kill -9 at random moments of a run with faults: nothing is paid twice, nothing paid is lost."""

from __future__ import annotations

import json
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evenodds.errors import RunError
from evenodds.survey.market import Market
from evenodds.survey.store import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "survey"))
from survey_killed import Nursery, survey

FAULTS = "many,stall=0.01,no_usage=0.01,repeated=0.03"
MARKET = {"models": 10, "faults": FAULTS, "latency": 0.03, "limited": 0.2, "stall": 5.0}


def reply_ids(store: Store) -> list[str]:
    return [json.loads(row.raw)["id"] for row in store.draws("coin")]


def check(folder: Path, market: Market, cap: float, ran: str) -> None:
    """What has to hold after every kill; one in the file's first moments leaves nothing."""
    try:
        store = Store(folder / "survey.sqlite", read_only=True)
    except RunError as error:
        assert "holds nothing yet" in str(error) and not (folder / "arrived").exists()
        return
    assert store.spent() <= cap + 1e-9, f"the cap is exceeded {ran}"
    ids = reply_ids(store)
    assert len(ids) == len(set(ids)), "a reply is in the ledger twice"
    store.close()


def check_bill(folder: Path, truth: dict[str, Any], before: dict[str, Any]) -> Counter[str]:
    """The ledger against what the market billed since `before`."""
    store = Store(folder / "survey.sqlite", read_only=True)
    billed = truth["rows"][len(before["rows"]) :]
    whole = {row["id"] for row in billed if row["whole"]}
    ids = set(reply_ids(store))
    assert ids <= whole, "the ledger holds a reply that was never sent"
    calls = Counter(row[0] for row in store.rows("SELECT model FROM calls"))
    for model, asked in Counter(row["model"] for row in billed).items():
        assert asked <= calls[model], f"{model} was asked without a reservation"
    came = {line for line in (folder / "arrived").read_text().split() if line in whole}
    states = Counter(row[0] for row in store.rows("SELECT state FROM calls"))
    raw = store.rows("SELECT COUNT(*) FROM raw")[0][0]
    found = {"paid": states["paid"], "failed": states["failed"], "open": states["reserved"]}
    lost = len(came - ids)
    assert lost <= states["reserved"], "a reply came, is not kept, and is not held in full either"
    dollars = sum(row["dollars"] for row in billed)
    assert dollars <= store.spent() + 1e-9, "more was billed than counts against the cap"
    store.close()
    return Counter({**found, "came, and killed before it was kept": lost, "raw": raw})


@pytest.mark.parametrize("kills", [3, pytest.param(500, marks=pytest.mark.slow)])
def test_killed_at_any_moment(tmp_path: Path, kills: int) -> None:
    """Surveys in turn until so many kills: every second one under a cap that binds."""
    rng, done, turn, totals = random.Random(7), 0, 0, Counter[str]()
    with Market(seed=3, **MARKET) as market, Nursery() as nursery:
        free = survey(market.url, str(tmp_path / "free"), 0, 1e3)
        spent = Store(tmp_path / "free" / "survey.sqlite", read_only=True).spent()
        while done < kills:
            binds = turn % 2 == 1
            cap = spent * 1.5 if binds else 1e3
            folder = tmp_path / str(turn)
            folder.mkdir()
            before = market.truth(rows=True)
            how = {"url": market.url, "folder": str(folder), "seed": 0, "cap": cap}
            how["arrived"] = str(folder / "arrived")
            code = 1
            while code:
                code = nursery.run(rng.uniform(0.0, 1.0) if done < kills else None, **how)
                assert code in (0, -signal.SIGKILL)
                done += code != 0
                if (folder / "survey.sqlite").exists() and code:
                    check(folder, market, cap, f"after kill {done}")
            check(folder, market, cap, "at the end")
            totals += check_bill(folder, market.truth(rows=True), before)
            again = survey(market.url, str(folder), 0, cap)
            if not binds:
                assert again == free, "verdicts differ from those of an uninterrupted run"
                assert all(why in ("decided", "all draws") for _, _, why in again.values())
            turn += 1
    print(f"{done} kills, {turn} surveys: {dict(totals)}")
