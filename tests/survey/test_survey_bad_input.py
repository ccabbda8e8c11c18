"""Bad input to every survey command: one clear message, exit code 2, nothing half-written."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stub_server import StubServer, chat, error

from evenodds.survey.market import Market
from evenodds.survey.store import Store

ENV = {**os.environ, "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    """A few models without faults."""
    with Market(models=4) as opened:
        yield opened


@pytest.fixture(scope="module")
def done(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a survey."""
    folder = tmp_path_factory.mktemp("done")
    command = [sys.executable, "-m", "evenodds", "survey", "run", market.url, "--out", str(folder)]
    subprocess.run([*command, "--cap", "1", "--draws", "4", "--fixed"], check=True, env=ENV)
    return folder


def one_line(said: str) -> str:
    """A message that is one, in one line, or typer's."""
    assert "Traceback" not in said
    assert said.startswith("Usage:") or (said.startswith("evenodds: ") and said.count("\n") == 1)
    return said


RUN = ["run", "IDS", "--endpoint", "URL", "--out", "OUT", "--cap", "1", "--draws", "3"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--endpoint", "http://127.0.0.1:9/v1"], "127.0.0.1:9 cannot be reached"),
        (["--endpoint", "http://no.such.host.local/v1"], "cannot be reached"),
        (["--endpoint", "ftp://x"], "is no base URL"),
        (["--endpoint", "https://u:p@example.com/v1"], "put the key into the environment"),
        (["--endpoint", "https://api.example.com/v1"], "OPENAI_API_KEY holds none"),
        (["--key-env", "NONE", "--endpoint", "https://api.example.com/v1"], "NONE holds none"),
        (["--question", "nope"], "no question 'nope'"),
        (["--question", "nope.yaml"], "cannot be read as a question"),
        (["--cap", "-1"], "bounds nothing"),
        (["--cap", "nan"], "bounds nothing"),
        (["--cap-per-model", "-1"], "bounds nothing"),
        (["--draws", "0"], "'--draws'"),
        (["--eps", "0"], "above 0"),
        (["--eps", "nan"], "above 0"),
        (["--alpha", "1.5"], "below 1"),
        (["--rule", "odd"], "one of the rules"),
        (["--rate", "0"], "rate=0.0"),
        (["--rate-per-model", "nan"], "rate_per_model=nan"),
        (["--patience", "-1"], "'--patience'"),
        (["--timeout", "0"], "leaves no time"),
        (["--extra", "{"], "is no JSON"),
        (["--extra", '{"model": "x"}'], "belongs to the request"),
        (["--out", "FILE"], "is a file"),
        (["--out", "FILE/below"], "is a file"),
        (["--out", "DONE"], "holds another survey"),
    ],
)
def test_run_refuses_before_it_writes(  # noqa: PLR0917
    market: Market, done: Path, tell: Any, tmp_path: Path, more: list[str], message: str
) -> None:
    ids = tmp_path / "ids.csv"
    ids.write_text("id,input_per_million,output_per_million\nopenai/gpt-4,1,2\n")
    places = {"IDS": ids, "URL": market.url, "OUT": tmp_path / "out", "FILE": ids, "DONE": done}
    places["FILE/below"] = ids / "below"
    before = market.truth()["bill"]
    told = [str(places.get(each, each)) for each in (*RUN, *more)]
    assert message in one_line(tell("survey", *told, code=2))
    assert not (tmp_path / "out").exists() and market.truth()["bill"] == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', "\x00\x01", '{"data": [{"x": 1}]}'])
@pytest.mark.parametrize("command", ["catalogue", "plan", "run"])
def test_a_file_that_is_no_catalogue_is_said_to_be_none(
    market: Market, tell: Any, tmp_path: Path, command: str, text: str
) -> None:
    path = tmp_path / "saved.json"
    path.write_text(text)
    more = ["--endpoint", market.url, "--out", str(tmp_path / "s")] if command == "run" else []
    assert "saved.json" in one_line(tell("survey", command, str(path), *more, code=2))
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("command", ["analyse", "report"])
@pytest.mark.parametrize(
    ("folder", "more", "message"),
    [
        ("nowhere", [], "is not there"),
        ("EMPTY", [], "is not there"),
        ("text.sqlite", [], "not a database"),
        ("other.sqlite", [], "no survey of this version"),
        ("DONE", ["--eps", "-1"], "above 0"),
        ("DONE", ["--alpha", "nan"], "above 0"),
        ("DONE", ["--question", "nope.yaml"], "cannot be read as a question"),
        ("DONE", ["--covariates", "nope.csv"], "cannot be read"),
        ("DONE", ["--covariates", "bad.csv"], "row 2: billions cannot be 'huge'"),
    ],
)
def test_what_is_no_survey_is_not_told_about(  # noqa: PLR0917
    done: Path, tell: Any, tmp_path: Path, command: str, folder: str, more: list[str], message: str
) -> None:
    (tmp_path / "text.sqlite").write_text("hello")
    (tmp_path / "bad.csv").write_text("id,billions\nopenai/gpt-4,huge\n")
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE t(x)")
    other.close()
    places = {"DONE": done, "EMPTY": tmp_path, "bad.csv": tmp_path / "bad.csv"}
    before = {path.name: path.stat().st_mtime_ns for path in done.iterdir()}
    where = places.get(folder, tmp_path / folder)
    told = [str(places.get(each, each)) for each in more]
    assert message in one_line(tell("survey", command, str(where), *told, code=2))
    assert {path.name: path.stat().st_mtime_ns for path in done.iterdir()} == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--port", "99999"], "is no port"),
        (["--models", "100000000"], "no market"),
        (["--models", "2", "--dead", "5"], "no market"),
        (["--faults", "few,stall=x"], "is no rate"),
        (["--stall", "-1"], "cannot be"),
        (["--latency", "nan"], "'--latency'"),
    ],
)
def test_a_market_that_cannot_be(tell: Any, more: list[str], message: str) -> None:
    assert message in one_line(tell("survey", "simulate", *more, code=2))


def test_a_port_that_is_taken(tell: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "cannot be used" in one_line(tell("survey", "simulate", "--port", port, code=2))


def test_ctrl_c_ends_a_market_with_its_bill() -> None:
    command = [sys.executable, "-m", "evenodds", "survey", "simulate", "--models", "2"]
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and "2 simulated models" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and "0 calls, $0.0000 billed" in out and not err


@pytest.mark.parametrize("status", [401, 404])
def test_where_nobody_answers_the_run_says_so(tell: Any, tmp_path: Path, status: int) -> None:
    (tmp_path / "ids.txt").write_text("a/b\nc/d\n")
    with StubServer(error("Incorrect API key provided", status)) as server:
        told = ["survey", "run", str(tmp_path / "ids.txt"), "--endpoint", server.url]
        told += ["--out", str(tmp_path / "s"), "--cap", "1", "--price-in", "1", "--price-out", "1"]
        said = one_line(tell(*told, code=2))
    assert f"answered {status}: Incorrect API key provided" in said and "OPENAI_API_KEY" in said


def test_a_finished_survey_needs_no_server(tell: Any, tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("a/b\n")
    with StubServer(chat("heads", usage={"prompt_tokens": 9, "completion_tokens": 1})) as server:
        told = ["survey", "run", str(tmp_path / "ids.txt"), "--endpoint", server.url, "--fixed"]
        told += ["--out", str(tmp_path / "s"), "--cap", "1", "--price-in", "1", "--price-out", "1"]
        assert "3 replies came" in tell(*told, "--draws", "3")
    assert "0 replies came" in tell(*told, "--draws", "3")


def test_a_full_disk_ends_a_run_and_room_lets_it_go_on(market: Market, tmp_path: Path) -> None:
    """A limit on the size of files, which is what a full disk is to the ledger."""
    command = [sys.executable, "-m", "evenodds", "survey", "run", market.url, "--cap", "5"]
    command += ["--out", str(tmp_path), "--draws", "60", "--fixed"]
    full = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=ENV,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000)),
    )
    assert full.returncode == 2, full.stderr
    assert "make room" in one_line(full.stderr)
    bill = market.truth()["dollars"]
    subprocess.run(command, check=True, env=ENV, capture_output=True)
    store = Store(tmp_path / "survey.sqlite", read_only=True)
    came = [(row.model, row.i) for row in store.draws("coin")]
    assert len(came) == len(set(came)) == 60 * len({model for model, _ in came})
    assert market.truth()["dollars"] > bill
    store.close()
