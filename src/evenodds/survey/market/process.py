"""A market in a process of its own, for tests, benchmarks and trying things out."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from functools import cached_property
from typing import Any

from evenodds.errors import RunError
from evenodds.survey.market.law import Law, law
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.setup import Setup

__all__ = ["Market"]


class Market:
    """A context manager: the server runs inside it, at `url`. Options are those of `Setup`.

    It ends with this process, however that ends. Raises RunError where it cannot start (a port that
    is taken) and for a setup that cannot be.
    """

    def __init__(self, **setup: Any) -> None:
        self.setup = Setup(**setup)
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Market:
        """Start the server."""
        told = json.dumps(self.setup.to_json())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "evenodds.survey.market", told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        if not port:
            raise RunError(f"The market did not start ({self._why()}): choose another port.")
        self.url = f"http://{self.setup.host}:{port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        """End the server."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
            self._process = None

    def _why(self) -> str:
        assert self._process is not None
        said = self._process.communicate()[1].strip().splitlines()
        self._process = None
        return said[-1][:200] if said else "it said nothing"

    @cached_property
    def models(self) -> dict[str, MarketModel]:
        """The true models, by id."""
        return self.setup.market_models()

    def law(self, model: str, prompt: str, **how: Any) -> Law:
        """What a model answers to a prompt, exactly; see `evenodds.survey.market.law.law`."""
        return law(self.models[model], prompt, **how)

    def truth(self, rows: bool = False) -> dict[str, Any]:
        """What the server knows: `setup`, `models`, `bill` (an account a model), `dollars`.

        With `rows` also every call, in the order in which they came: id, model, kind, dollars,
        whole.
        """
        url = f"{self.url}/truth" + ("?rows=1" if rows else "")
        with urllib.request.urlopen(url, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
