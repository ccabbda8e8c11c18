"""`evenodds train` from the outside: what it prints, what it leaves, how it says no."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from train_local import die_tasks, small_local

from evenodds.cli import main
from evenodds.tasks.suite import Suite, save_suite


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    local = small_local()
    local.model.save_pretrained(folder / "model")
    local.tokenizer.save_pretrained(folder / "model")
    save_suite(Suite("three", tuple(die_tasks())), folder / "three.jsonl")
    (folder / "replay.jsonl").write_text('{"prompt": "Hi", "completion": "Hello"}\n', "utf-8")
    return folder


def arguments(place, out, *more):
    return [
        "train", str(place / "model"), "--suite", str(place / "three.jsonl"),
        "--out", str(out), "--replay-file", str(place / "replay.jsonl"), "--batch", "3", *more,
    ]  # fmt: skip


def evenodds(monkeypatch, words):
    monkeypatch.setattr(sys, "argv", ["evenodds", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_a_run_prints_json_and_leaves_a_model(place, tmp_path, monkeypatch, capsys):
    words = arguments(place, tmp_path / "run", "--steps", "30", "--lr", "0.01", "--json")
    assert evenodds(monkeypatch, words) in (0, None)
    outcome = json.loads(capsys.readouterr().out)
    assert outcome["step"] == 30
    assert outcome["reason"] == "steps"
    card = (tmp_path / "run" / "model" / "README.md").read_text("utf-8")
    assert "evenodds train" in card
    assert "--steps 30" in card


def test_a_run_shows_itself(place, tmp_path, monkeypatch, capsys):
    words = arguments(place, tmp_path / "run", "--steps", "5", "--lora", "2")
    assert evenodds(monkeypatch, words) in (0, None)
    told = capsys.readouterr().out
    assert re.search(r"tv [01]?\.\d", told)
    assert "trained for 5 steps" in told
    assert all(len(line) <= 80 for line in told.splitlines() if str(tmp_path) not in line)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--method", "magic"], "no method 'magic'"),
        (["--steps", "0"], "steps=0 cannot be"),
        (["--replay-file", "nowhere.jsonl"], "there is no replay file nowhere.jsonl"),
        (["--resume"], "no run to resume"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(  # noqa: PLR0917
    place, tmp_path, monkeypatch, capsys, more, message
):
    assert evenodds(monkeypatch, arguments(place, tmp_path / "run", *more)) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert not (tmp_path / "run").exists()


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
from evenodds.cli import main
sys.argv = ["evenodds", *sys.argv[1:]]
main()
"""


@pytest.mark.slow
def test_a_full_disk_is_one_message_and_no_half_model(place, tmp_path):
    words = arguments(place, tmp_path / "run", "--steps", "5", "--json")
    child = subprocess.run(
        [sys.executable, "-c", FULL, *words], capture_output=True, text=True, check=False
    )
    assert child.returncode == 2
    assert "could not be written" in child.stderr
    assert "Traceback" not in child.stderr
    assert not (tmp_path / "run" / "model").exists()
    assert not list((tmp_path / "run").glob("checkpoints/*"))


@pytest.mark.slow
def test_ctrl_c_says_how_to_go_on(place, tmp_path):
    words = arguments(place, tmp_path / "run", "--steps", "100000", "--json")
    child = subprocess.Popen(
        [sys.executable, "-m", "evenodds", *words], stderr=subprocess.PIPE, text=True
    )
    metrics, deadline = tmp_path / "run" / "metrics.jsonl", time.monotonic() + 60
    while time.monotonic() < deadline and not (
        metrics.exists() and metrics.read_text().count("\n") > 3
    ):
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "--resume" in told
    assert "Traceback" not in told
