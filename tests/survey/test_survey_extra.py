"""Fields that every request of a survey carries besides: sent, recorded, and never dropped."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from stub_server import StubServer, chat, error

from evenodds.errors import ModelError
from evenodds.ledger import Budget
from evenodds.models.base import Decoding
from evenodds.models.endpoint_paid import PaidEndpoint, Prices

EXTRA = '{"top_a": 0.1}'
HEADS = chat("heads", usage={"prompt_tokens": 9, "completion_tokens": 1})


@pytest.fixture
def how(tmp_path: Path) -> list[str]:
    """A survey of one model, four draws, into a folder."""
    (tmp_path / "ids.txt").write_text("a/b\n")
    told = ["survey", "run", str(tmp_path / "ids.txt"), "--out", str(tmp_path / "s"), "--fixed"]
    return [*told, "--draws", "4", "--cap", "1", "--price-in", "1", "--price-out", "1"]


def test_every_request_carries_them_and_the_record_says_so(
    tell: Any, how: list[str], tmp_path: Path
) -> None:
    with StubServer(HEADS) as server:
        how += ["--endpoint", server.url]
        tell(*how, "--extra", EXTRA, "--reasoning", "low")
        assert server.calls == 4
        assert all((r["top_a"], r["reasoning_effort"]) == (0.1, "low") for r in server.requests)
        assert "extra: recorded" in tell(*how, "--reasoning", "low", code=2)
        assert "reasoning: recorded" in tell(*how, "--extra", EXTRA, code=2)
    tell("survey", "report", str(tmp_path / "s"))
    page = html.unescape((tmp_path / "s" / "report.html").read_text())
    assert f"--reasoning low --extra '{EXTRA}'" in page


def test_a_server_that_does_not_take_them_is_not_asked_without(tell: Any, how: list[str]) -> None:
    def strict(request: dict[str, Any]) -> Any:
        return error("unknown field top_a", param="top_a") if "top_a" in request else HEADS

    with StubServer(strict) as server:
        said = tell(*how, "--endpoint", server.url, "--extra", EXTRA, code=2)
        assert "does not take top_a=0.1" in said
        assert all("top_a" in request for request in server.requests)


def test_a_server_that_is_not_there_costs_nothing() -> None:
    purse = Budget(1.0)
    nobody = PaidEndpoint(
        "a/b", "http://127.0.0.1:9/v1", budget=purse, prices=Prices(1, 1), retries=1, backoff=0.01
    )
    with pytest.raises(ModelError, match="cannot be reached"):
        nobody.draw("Flip.", 1, Decoding(), 0)
    assert purse.settled == 0
