"""The market over HTTP: keep-alive, faults as a client meets them, a ledger against the bill."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from evenodds import cli
from evenodds.errors import EvenoddsError, RunError
from evenodds.ledger import Budget
from evenodds.models.base import Decoding
from evenodds.models.endpoint import Endpoint
from evenodds.models.endpoint_paid import PaidEndpoint, Prices
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.market import Market

COIN = 'Choose "ping" or "pong", each equally likely. One word.'


@pytest.fixture(scope="module")
def market() -> Iterator[Market]:
    with Market(models=60, seed=1, faults="many,stall=0", dead=1) as found:
        yield found


def body_of(name: str, seed: int) -> bytes:
    said = [{"role": "user", "content": COIN}]
    return json.dumps({"model": name, "messages": said, "seed": seed}).encode()


def posted(body: bytes) -> bytes:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_a_catalogue_comes_from_a_market(market: Market) -> None:
    found = Catalogue.load(market.url)
    assert len(found.models) == 60 and found.source == market.url
    assert found.model("openai/gpt-4").prices == market.models["openai/gpt-4"].prices
    assert Catalogue.load(market.url + "/models").hash == found.hash


def test_a_ledger_agrees_with_the_bill(market: Market) -> None:
    before = market.truth()["bill"]
    for name in list(market.models)[40:44]:
        true = market.models[name]
        prices = Prices((true.prices.prompt or 0) * 1e6, (true.prices.completion or 0) * 1e6)
        if true.prices.request:
            continue
        budget = Budget(10.0)
        paid = PaidEndpoint(
            name,
            market.url,
            budget=budget,
            prices=prices,
            backoff=0.001,
            retries=30,
            concurrency=20,
        )
        assert len(paid.draw(COIN, 40, Decoding(max_new_tokens=300), seed=2)) == 40
        account = market.truth()["bill"][name]
        billed = account["dollars"] - before.get(name, {}).get("dollars", 0.0)
        kinds = account["kinds"]
        assert budget.settled >= billed - 1e-9
        if not true.rates.get("no_usage") and not kinds.get("torn"):
            assert budget.settled == pytest.approx(billed, abs=1e-6)
        assert account["whole"] >= 40


def test_the_rows_are_the_replies(market: Market) -> None:
    name = list(market.models)[50]
    endpoint = Endpoint(name, market.url, backoff=0.01, retries=30)
    came = [reply.raw["id"] for reply in endpoint.draw(COIN, 50, Decoding(), 9) if reply.raw]
    rows = {row["id"]: row for row in market.truth(rows=True)["rows"] if row["model"] == name}
    assert all(rows[each]["whole"] for each in came)


def test_a_dead_model_is_dead(market: Market) -> None:
    name = next(each.id for each in market.models.values() if each.dead)
    with pytest.raises(EvenoddsError, match=r"503|not available|did not answer"):
        Endpoint(name, market.url, retries=1, backoff=0.01, timeout=0.5).draw(
            COIN, 1, Decoding(), 1
        )


def test_requests_in_pieces_and_in_one_piece_are_answered_in_order(market: Market) -> None:
    name = "openai/gpt-4"
    place = urlsplit(market.url)
    bodies = [body_of(name, seed) for seed in range(40)]
    with socket.create_connection((place.hostname, place.port)) as way:
        way.sendall(b"".join(map(posted, bodies[:1]))[:50])
        time.sleep(0.05)
        way.sendall(posted(bodies[0])[50:] + b"GET /truth HTTP/1.1\r\n\r\n")
        way.settimeout(5)
        came = b""
        while came.count(b"HTTP/1.1") < 2 and (more := way.recv(65536)):
            came += more
    assert came.startswith(b"HTTP/1.1") and came.rfind(b'"setup"') > came.find(b"HTTP/1.1", 8)


def test_other_paths_and_bodies_are_refused(market: Market) -> None:
    place = urlsplit(market.url)
    way = http.client.HTTPConnection(str(place.hostname), place.port, timeout=5)
    for method, path, body, status in (
        ("GET", "/v1/nothing", None, 404),
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", b"[]", 400),
        ("POST", "/v1/chat/completions", body_of("no/body", 1), 404),
    ):
        way.request(method, path, body=body)
        answer = way.getresponse()
        answer.read()
        assert answer.status == status
    way.request(
        "POST",
        "/v1/chat/completions",
        headers={"Transfer-Encoding": "chunked"},  # no chunk comes: the head alone is refused
    )
    assert way.getresponse().status == 411
    way.close()


def test_latency_is_what_was_asked_for() -> None:
    with Market(models=3, latency=0.2, jitter=0) as market:
        name = next(iter(market.models))
        endpoint = Endpoint(name, market.url, concurrency=20)
        endpoint.draw(COIN, 1, Decoding(), 0)
        start = time.monotonic()
        endpoint.draw(COIN, 20, Decoding(), 1)
        assert 0.2 <= time.monotonic() - start < 2


def test_a_taken_port_is_one_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(RunError, match="choose another port"),
            Market(models=2, port=taken.getsockname()[1]),
        ):
            pass


_KILLED = """
import os
from evenodds.survey.market import Market
market = Market(models=2).__enter__()
print(market.url, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_market_ends_with_who_started_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED], capture_output=True, text=True, check=False
    )
    port = urlsplit(done.stdout.strip()).port
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as way:
            if way.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    pytest.fail("the market outlived its process")


def test_commands_list_and_simulate(
    market: Market,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["evenodds", "survey", *args])
        code = cli.guarded(cli._invoke)
        said = capsys.readouterr()
        return code, said.out, said.err

    saved, edited = tmp_path / "models.json", tmp_path / "covariates.csv"
    code, out, _ = run(
        "catalogue", market.url, "--output-price", "5", "--save", str(saved), "--edit", str(edited)
    )
    assert code == 0 and max(map(len, out.splitlines())) <= 80
    assert "openai/gpt-4" in run("catalogue", market.url, "--org", "openai")[1]
    assert "output price $" in run("catalogue", str(saved), "--dropped")[1]
    listed = json.loads(run("catalogue", str(saved), "--covariates", str(edited), "--json")[1])
    assert listed["hash"] == Catalogue.load(saved).hash
    assert run("simulate", "--faults", "odd")[0] == 2
    (tmp_path / "ids.txt").write_text("a/b")
    assert "needs an API" in run("catalogue", str(tmp_path / "ids.txt"), "--ask", "a/b")[2]
    assert (
        "say with --budget" in run("catalogue", str(saved), "--ask", listed["models"][0]["id"])[2]
    )
