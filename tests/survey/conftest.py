"""What tests of the survey's commands share."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from evenodds.cli import _invoke, guarded


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Call `evenodds` as a person at no terminal would: what it says, else its one message."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def call(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["evenodds", *map(str, arguments)])
        capsys.readouterr()
        found = guarded(_invoke)
        out, err = capsys.readouterr()
        assert found == code, f"exit {found}: {out[-300:]} {err[-600:]}"
        return str(err if code == 2 else out)

    return call
