"""A whole survey of a real server: transformers' own, with the embedded model behind it.

It lists no prices (here: nothing at all), ignores schemas, and is greedy unless a field of its own
says otherwise. What its draws should be is known exactly from the weights.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import chi2
from served_tiny import SAMPLES, greedy_copy
from served_tiny import served as serving

from evenodds.errors import RunError
from evenodds.measure.one import measure_task
from evenodds.models import load_model
from evenodds.models.endpoint_shared import reply_of
from evenodds.survey.cells import load_question
from evenodds.survey.question import QUESTIONS
from evenodds.survey.reading import read
from evenodds.survey.store import DrawRow, Store

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

TURNS = """
target: coin(0.5)
labels: [own, letter]
max_tokens: 8
phrasings:
  bare:
    - "Choose {options}, each equally likely. Answer with one of them and nothing else."
"""
FREE = ("--price-in", "0", "--price-out", "0")
DRAW = ("--extra", json.dumps(SAMPLES))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL, and a list of ids with the one model that is there."""
    folder = greedy_copy(tmp_path_factory.mktemp("served") / "die")
    names = folder.parent / "ids.txt"
    names.write_text(f"{folder}\n")
    with serving(folder) as url:
        yield url, names


def how(served: tuple[str, Path], out: Path, question: str, *rest: str) -> list[str]:
    """How the survey is run; the server is free."""
    url, names = served
    told = ["survey", "run", str(names), "--endpoint", url, "--out", str(out), "-q", question]
    return [*told, *FREE, "--cap", "1", *rest]


def drawn(out: Path, question: str) -> list[DrawRow]:
    """The draws of a folder, in order."""
    store = Store(out / "survey.sqlite", read_only=True)
    try:
        return list(store.draws(question))
    finally:
        store.close()


def test_what_it_cannot_list_is_named_in_a_file(served: tuple[str, Path], tell: Any) -> None:
    url, names = served
    for command in ("catalogue", "plan"):
        error = tell("survey", command, url, code=2)
        assert error.count("\n") == 1 and "models" in error and "Traceback" not in error
    assert "No price is known" in tell("survey", "plan", str(names), "--draws", "9")
    assert "No price is known" not in tell("survey", "plan", str(names), *FREE)


def test_nothing_is_asked_at_an_unknown_price_unless_a_person_says_so(
    served: tuple[str, Path], tell: Any, tmp_path: Path
) -> None:
    url, names = served
    told = (
        "survey",
        "run",
        str(names),
        "--endpoint",
        url,
        "--out",
        str(tmp_path / "s"),
        "--draws",
        "3",
    )
    assert "no price is known" in tell(*told, code=2)
    assert "A cap needs prices" in tell(*told, "--cap", "1", code=2)
    assert "go together" in tell(*told, "--cap", "1", "--price-in", "1", code=2)
    assert "structured_outputs" in tell(*told, *FREE, "-q", "coin_structured", code=2)
    assert not (tmp_path / "s").exists()
    assert "3 replies came" in tell(*told, "--yes")


def test_left_to_itself_it_is_greedy_which_a_dozen_draws_show(
    served: tuple[str, Path], tell: Any, tmp_path: Path
) -> None:
    """One prompt, so one reply; what it costs is what its tokens cost."""
    url, names = served
    told = [
        "survey",
        "run",
        str(names),
        "--endpoint",
        url,
        "--out",
        str(tmp_path),
        "-q",
        "coin_article",
    ]
    prices = ("--price-in", "1", "--price-out", "3", "--cap", "0.5")
    planned = json.loads(
        tell("survey", "plan", str(names), "-q", "coin_article", *prices, "--draws", "80", "--json")
    )
    ran = json.loads(tell(*told, *prices, "--draws", "80", "--json"))
    rows = drawn(tmp_path, "coin_article")
    replies = {json.loads(row.answered.text)["choices"][0]["message"]["content"] for row in rows}
    assert len(replies) == 1 and ran["paid"] == len(rows) == ran["stops"][0]["kept"]
    assert ran["stops"][0]["verdict"] == "biased" and ran["stops"][0]["at"] <= 20
    usages = [json.loads(row.answered.text)["usage"] for row in rows]
    dollars = sum(u["prompt_tokens"] + 3 * u["completion_tokens"] for u in usages) / 1e6
    assert ran["spent"] == pytest.approx(dollars) and 0 < dollars <= planned["worst"]
    assert all(row.latency is not None and 0 < row.latency < 30 for row in rows)
    verdicts = json.loads(tell("survey", "analyse", str(tmp_path), "--json"))
    assert verdicts["questions"][0]["rows"][0]["judged"]["verdict"] == "biased"
    assert "1 biased" in tell("survey", "report", str(tmp_path)).replace("\n", " ")
    page = (tmp_path / "report.html").read_text()
    assert "survey run" in page and len((tmp_path / "models.csv").read_text().splitlines()) == 2


def test_told_to_draw_it_draws_what_the_weights_say(
    served: tuple[str, Path], tell: Any, tmp_path: Path
) -> None:
    """In each cell: a chi-square test of first label, second label and the rest."""
    asked = tmp_path / "turns.yaml"
    asked.write_text(TURNS)
    question, n = load_question(asked), 280
    told = how(served, tmp_path / "s", str(asked), "--draws", str(n), "--fixed")
    assert f"{n} replies came" in tell(*told, *DRAW)
    counts: dict[str, Counter[int | None]] = {cell.key: Counter() for cell in question.cells}
    for row in drawn(tmp_path / "s", "turns"):
        seen = read(question, question.by_key[row.cell_key], reply_of(row.answered))
        counts[row.cell_key][seen.outcome] += 1
    tiny, distance = load_model("tiny"), 0.0
    for cell in question.cells:
        exact = measure_task(tiny, cell.task, question.decoding)
        probs = [exact.model_pmf.get(label, 0.0) for label in cell.labels]
        distance += pearson(counts[cell.key], [*probs, 1 - sum(probs)])
    assert chi2.sf(distance, 2 * len(question.cells)) > 1e-6
    assert "biased" in tell("survey", "report", str(tmp_path / "s"), "--question", str(asked))
    error = tell(*told, code=2)
    assert "another survey (extra: recorded" in error


def pearson(seen: Counter[int | None], probs: list[float]) -> float:
    """The statistic of two labels and the rest; a rare rest counts with the rarer label."""
    n, wanted = seen.total(), [seen[0], seen[1], seen[None]]
    if n * probs[2] < 1:
        rare = probs.index(min(probs[:2]))
        for each in (wanted, probs):
            each[rare] += each.pop(2)  # type: ignore[operator]
    return sum((o - n * p) ** 2 / (n * p) for o, p in zip(wanted, probs, strict=True))


def test_a_survey_that_was_stopped_goes_on_and_asks_no_draw_twice(
    served: tuple[str, Path], tell: Any, tmp_path: Path
) -> None:
    n = 150
    told = how(served, tmp_path, "coin", "--fixed", "--draws", str(n), "--per-model", "2", *DRAW)
    environment = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
    command = [sys.executable, "-m", "evenodds", *told]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        while count(tmp_path) < 5:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130 and "what was finished is kept" in error
    first = drawn(tmp_path, "coin")
    assert 5 <= len(first) < n
    assert json.loads(tell(*told, "--json"))["paid"] == n - len(first)
    rows = drawn(tmp_path, "coin")
    assert [row.i for row in rows] == list(range(n))
    assert len({json.loads(row.answered.text)["id"] for row in rows}) == n
    cells = [QUESTIONS["coin"].cell(row.model, row.i, 0).key for row in rows]
    assert [row.cell_key for row in rows] == cells
    kept = {row.i: row.answered for row in first}
    assert all(row.answered == kept[row.i] for row in rows if row.i in kept)


def count(folder: Path) -> int:
    """Draws that are in a ledger so far."""
    try:
        store = Store(folder / "survey.sqlite", read_only=True)
    except RunError:  # it holds nothing yet
        return 0
    many = int(store.rows("SELECT COUNT(*) FROM draws")[0][0])
    store.close()
    return many
