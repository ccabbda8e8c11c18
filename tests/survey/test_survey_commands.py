"""`survey plan` and `survey run` against a simulated market, from end to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evenodds.survey.market import Market
from evenodds.survey.store import Store

ENV = {**os.environ, "OPENAI_API_KEY": "sk-very-secret-12345", "NO_COLOR": "1"}


def evenodds(*arguments: str, code: int = 0) -> tuple[str, str]:
    command = [sys.executable, "-m", "evenodds", "survey", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=ENV, check=False)
    assert done.returncode == code, done.stderr[-800:]
    return done.stdout, done.stderr


def test_a_survey_from_plan_to_ledger(tmp_path: Path) -> None:
    with Market(models=12, seed=2, faults="few,stall=0", latency=0.01) as market:
        said, _ = evenodds("plan", market.url, "--draws", "20", "--cap", "5", "--json")
        planned = json.loads(said)
        shown, _ = evenodds("plan", market.url, "--draws", "20", "--cap", "5")
        assert f"{planned['calls']:,} calls" in shown and planned["calls"] % 20 == 0
        out = tmp_path / "survey"
        how = ("run", market.url, "--out", str(out), "--draws", "20", "--fixed", "--cap", "5")
        ran = json.loads(evenodds(*how, "--json")[0])
        assert ran["paid"] == planned["calls"] == sum(stop["kept"] for stop in ran["stops"])
        assert market.truth()["dollars"] <= ran["spent"] + 1e-9 <= planned["worst"]
        again = json.loads(evenodds(*how, "--json")[0])
        assert again["paid"] == 0 and again["stops"] == ran["stops"]
        _, error = evenodds(*how, "--seed", "1", code=2)
        assert "seed: recorded 0, now 1" in error
        shown, _ = evenodds(*how)
        assert f"holds {ran['paid']} draws" in shown
    for file in out.iterdir():
        assert b"very-secret" not in file.read_bytes(), f"{file.name} holds the key"


def test_without_a_cap_nothing_is_paid_unasked(tmp_path: Path) -> None:
    with Market(models=2, seed=2) as market:
        _, error = evenodds("run", market.url, "--out", str(tmp_path / "s"), code=2)
        assert "has no cap" in error and not market.truth()["bill"]


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_waits_for_what_is_paid_and_the_same_command_goes_on(
    tmp_path: Path, sign: signal.Signals
) -> None:
    with Market(models=6, seed=2, latency=0.3, jitter=0.0) as market:
        how = ("run", market.url, "--out", str(tmp_path), "--draws", "60", "--fixed", "--cap", "5")
        command = [sys.executable, "-m", "evenodds", "survey", *how]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENV)
        while not market.truth()["bill"]:
            time.sleep(0.1)
        time.sleep(0.5)
        process.send_signal(sign)
        _, error = process.communicate(timeout=60)
        assert process.returncode == 130 and "what was finished is kept" in error
        assert "ending when" in error and "Ctrl-C again" in error
        store = Store(tmp_path / "survey.sqlite", read_only=True)
        came = len(list(store.draws("coin")))
        states = {row[0] for row in store.rows("SELECT DISTINCT state FROM calls")}
        whole = sum(account["whole"] for account in market.truth()["bill"].values())
        assert states == {"paid"} and 0 < came == whole < 360
        ran = json.loads(evenodds(*how, "--json")[0])
        assert ran["paid"] == 360 - came
