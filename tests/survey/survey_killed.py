"""A survey in processes that are cheap to begin and to kill.

`Nursery` starts one Python process with everything imported, which forks a child for each run:
`python survey_killed.py` reads a line of JSON (after how many seconds to kill, and how to run), and
prints the child's exit status. Every reply's id is noted in a file of its own when it comes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

EPS, CAP = 0.15, 60


def survey(
    url: str, folder: str, seed: int, cap: float, arrived: str | None = None
) -> dict[str, list[Any]]:
    """Run the survey of a market in a folder; model -> [verdict, draws it rests on]."""
    from evenodds.models.endpoint_body import Options
    from evenodds.models.endpoint_shared import Connection, ModelCaller
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.interfaces import Reader
    from evenodds.survey.limits import Limits
    from evenodds.survey.odds import offers_odds
    from evenodds.survey.plan import plan
    from evenodds.survey.question import QUESTIONS
    from evenodds.survey.reading import read
    from evenodds.survey.run import run
    from evenodds.survey.stopping import Bounds, Stopper
    from evenodds.survey.store import Store

    class Noted(ModelCaller):
        async def ask(self, body: Any) -> Any:
            answered = await super().ask(body)
            if arrived is not None:
                note(arrived, answered.text)
            return answered

    coin, catalogue = QUESTIONS["coin"], Catalogue.load(url)
    connection = Connection(url, timeout=0.6)
    showing = [m.id for m in catalogue.models if offers_odds(m.supported, coin)]
    bounds = Bounds(None, None)
    stopper = Stopper(coin, eps=EPS, alpha=0.1, cap=CAP, bounds=bounds, showing=showing)

    def caller(model: Any) -> ModelCaller:
        shown = 20 if model.id in showing else 0
        return Noted(connection, model.id, Options(top_logprobs=shown))

    store = Store(Path(folder) / "survey.sqlite")
    outcome = run(
        catalogue,
        [coin],
        plan(catalogue.models, [coin], CAP, cap=cap),
        store,
        connect=caller,
        reader=Reader(1, read),
        stopper={"coin": stopper},
        limits=Limits(concurrency=24, backoff=0.005, longest=0.05, cooldown=0.05, attempts=40),
        seed=seed,
    )
    store.close()
    return {stop.model: [stop.verdict, stop.at, stop.why] for stop in outcome.stops}


def note(path: str, text: str) -> None:
    """Append the id of a reply, in one write."""
    try:
        name = json.loads(text).get("id")
    except ValueError:
        return
    if name:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{name}\n".encode())
        os.close(file)


class Nursery:
    """A context manager whose `run` is a run in a fresh child, killed after so many seconds."""

    def __enter__(self) -> Nursery:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def run(self, kill_after: float | None, **how: Any) -> int:
        """The exit status: 0, or minus the signal."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([kill_after, how]) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _children() -> None:
    import openai  # noqa: F401

    from evenodds.survey.question import QUESTIONS
    from evenodds.survey.stopping import Stopper

    assert QUESTIONS["coin"].hash and Stopper
    for line in sys.stdin:
        kill_after, how = json.loads(line)
        if not (child := os.fork()):
            code = 1
            try:
                survey(**how)
                code = 0
            finally:
                os._exit(code)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)  # not reaped yet, so the number is still its own
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    _children()
