"""What a survey's run costs: `python benchmarks/survey_run.py [PART ...] [--json]`.

Parts, all against the simulated market in a process of its own:

- `latency`: 240 models x 50 draws at 500 ms, 64 in flight, beside the bound that latency alone
  sets (calls / 64 x .5 s), and the share of a core;
- `cpu`: CPU milliseconds a call at 50 ms, 64 in flight, beside a bare `openai` client and
  inspect-ai (where it is installed) on the same server, each in a fresh process;
- `million`: a ledger of a million draws, filled with made-up replies, then resumed in a fresh
  process with and without a stopper: CPU seconds of the whole resume, peak memory.

Exits with 1 when a limit is passed. CPU is the client's alone, imports not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FLIGHT = 64
LIMITS = {
    "wall over the latency bound": 1.15,
    "cores at 500 ms": 0.5,
    "resume seconds": 5.0,
    "peak memory, MB": 500.0,
}


def prompt() -> str:
    """What all three ask: the published survey's prompt."""
    from evenodds.survey.question import QUESTIONS

    return QUESTIONS["coin_article"].cells[0].task.prompt


def surveyed(url: str, folder: str, draws: int, stop: bool = False) -> dict[str, float]:
    """Run a survey of everything that the market lists; seconds of wall, of CPU, and calls."""
    from evenodds.models.endpoint_shared import Connection, ModelCaller
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.interfaces import Reader
    from evenodds.survey.limits import Limits
    from evenodds.survey.plan import plan
    from evenodds.survey.question import QUESTIONS
    from evenodds.survey.reading import read
    from evenodds.survey.run import run
    from evenodds.survey.store import Store

    catalogue, coin = Catalogue.load(url), QUESTIONS["coin_article"]
    connection = Connection(url)
    store = Store(Path(folder) / "survey.sqlite")
    limits = Limits(concurrency=FLIGHT)

    def caller(model: Any) -> ModelCaller:
        return ModelCaller(connection, model.id)

    began, cpu = time.perf_counter(), time.process_time()
    outcome = run(
        catalogue,
        [coin],
        plan(catalogue.models, [coin], draws, cap=1e6),
        store,
        connect=caller,
        reader=Reader(1, read),
        limits=limits,
    )
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"calls": outcome.paid, "wall": wall, "cpu": cpu, "failed": outcome.failed}


def bare(url: str, models: list[str], calls: int) -> dict[str, float]:
    """The openai client alone, with a semaphore, over the same models."""
    import openai

    said = prompt()

    async def work() -> None:
        client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        gate = asyncio.Semaphore(FLIGHT)

        async def one(i: int) -> None:
            async with gate:
                await client.chat.completions.create(
                    model=models[i % len(models)],
                    messages=[{"role": "user", "content": said}],
                    temperature=1.0,
                    max_tokens=256,
                    seed=i,
                )

        await asyncio.gather(*(one(i) for i in range(calls)))
        await client.close()

    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run(work())
    return {
        "calls": calls,
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
    }


def inspected(url: str, model: str, calls: int, folder: str) -> dict[str, float]:
    """inspect-ai: one sample, as many epochs as calls."""
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.solver import generate

    config = GenerateConfig(max_connections=FLIGHT, temperature=1.0, max_tokens=256)
    # the market's names have an organisation; inspect's provider is the part before the slash
    told = get_model(
        f"openai/{model}", base_url=url, api_key="none", config=config, responses_api=False
    )
    task = Task(dataset=[Sample(input=prompt())], solver=generate(), epochs=calls)
    began, cpu = time.perf_counter(), time.process_time()
    logs = eval(task, model=told, display="none", log_dir=folder, max_samples=FLIGHT)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert logs[0].status == "success", str(logs[0].error)[:300]
    return {"calls": calls, "wall": wall, "cpu": cpu}


def filled(folder: str, models: int, draws: int) -> dict[str, float]:
    """Fill a ledger with made-up draws; megabytes of the file."""
    from evenodds.models.endpoint_shared import Answered
    from evenodds.survey.question import QUESTIONS
    from evenodds.survey.store import Store
    from evenodds.survey.store_rows import Ended, Raw, Read, Reserved

    coin = QUESTIONS["coin"]
    store = Store(Path(folder) / "survey.sqlite")
    limits = {"max_tokens": {"coin": coin.max_tokens}, "thought_tokens": 0}
    store.agree({"seed": 0, "questions": {"coin": coin.hash}, **limits})
    ids = [store.name(f"org/model-{k:04}") for k in range(models)]
    asked, cells = store.name("coin"), [store.name(cell.key) for cell in coin.cells]
    choice = {"index": 0, "message": {"role": "assistant", "content": "Output: heads"}}
    body = {"id": "gen-XXXX", "object": "chat.completion", "created": 1763000000, "model": "m"}
    usage = {"prompt_tokens": 120, "completion_tokens": 17, "total_tokens": 137, "cost": 3.1e-5}
    text = json.dumps({**body, "choices": [{**choice, "finish_reason": "stop"}], "usage": usage})
    for i in range(draws):
        rows: list[Any] = []
        for name in ids:
            id = store.next_id()
            cell, side = cells[id * 7 % len(cells)], id * 2654435761 >> 9 & 1
            rows.append(Reserved(id, name, asked, i, cell, 0, 500_000, 1.7e9))
            rows.append(Raw(id, Answered(200, text.replace("XXXX", f"{id:016x}"))))
            rows.append(Ended(id, (asked, name, i), 31_000, 0.5))
            rows.append(Read(1, id, 0, side, id & 1, mark=id * 0x9E3779B97F4A7C15 % 2**63))
        store.write(rows)
    store.close()
    return {"megabytes": (Path(folder) / "survey.sqlite").stat().st_size / 1e6}


def resumed(folder: str, models: int, draws: int, stop: bool) -> dict[str, float]:
    """Go on from a full ledger: nothing is owed, so the run is its own resume."""
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.interfaces import Reader
    from evenodds.survey.plan import plan
    from evenodds.survey.question import QUESTIONS
    from evenodds.survey.reading import read
    from evenodds.survey.run import run
    from evenodds.survey.stopping import Stopper
    from evenodds.survey.store import Store

    coin = QUESTIONS["coin"]
    catalogue = Catalogue.of(f"org/model-{k:04}" for k in range(models))
    stopper = {}
    if stop:
        stopper = {"coin": Stopper(coin, eps=0.01, alpha=0.05, cap=draws, models=models)}
    told = plan(catalogue.models, [coin], draws)
    store = Store(Path(folder) / "survey.sqlite")
    began, cpu = time.perf_counter(), time.process_time()
    outcome = run(
        catalogue,
        [coin],
        told,
        store,
        connect=_never,
        reader=Reader(1, read),
        stopper=stopper,
    )
    spent = {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    kept = sum(each.kept for each in outcome.stops)
    return {**spent, "kept": kept, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def _never(model: Any) -> Any:
    raise AssertionError("a full ledger owes nothing")


WAYS = {"surveyed": surveyed, "bare": bare, "inspected": inspected, "resumed": resumed}


def fresh(way: str, **how: Any) -> dict[str, Any]:
    """What one way comes to, in a process of its own."""
    told = json.dumps({"way": way, **how})
    command = [sys.executable, __file__, "--one", told]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def latency() -> dict[str, float]:
    """240 x 50 at 500 ms."""
    from evenodds.survey.market import Market

    with Market(models=240, latency=0.5, jitter=0.0) as market, tempfile.TemporaryDirectory() as at:
        found = fresh("surveyed", url=market.url, folder=at, draws=50)
    bound = found["calls"] / FLIGHT * 0.5
    return {
        "calls": found["calls"],
        "wall seconds": found["wall"],
        "wall over the latency bound": found["wall"] / bound,
        "cores at 500 ms": found["cpu"] / found["wall"],
        "CPU ms a call": 1e3 * found["cpu"] / found["calls"],
    }


def cpu(calls: int = 3200) -> dict[str, float]:
    """CPU a call at 50 ms, three ways."""
    from evenodds.survey.market import Market

    found = {}
    with Market(models=64, latency=0.05, jitter=0.0) as market:
        models = sorted(market.models)
        with tempfile.TemporaryDirectory() as at:
            told = fresh("surveyed", url=market.url, folder=at, draws=calls // 64)
        found["evenodds survey"] = told
        found["openai client alone"] = fresh("bare", url=market.url, models=models, calls=calls)
        try:
            import inspect_ai  # noqa: F401
        except ImportError:
            pass
        else:
            with tempfile.TemporaryDirectory() as at:
                how = {"url": market.url, "model": models[0], "calls": calls // 4, "folder": at}
                found["inspect-ai"] = fresh("inspected", **how)
    each = {name: 1e3 * one["cpu"] / one["calls"] for name, one in found.items()}
    ratios = {
        f"{name}, times the client alone": spent / each["openai client alone"]
        for name, spent in each.items()
    }
    walls = {f"{name}, calls a second": one["calls"] / one["wall"] for name, one in found.items()}
    return {**{f"{n}, CPU ms a call": spent for n, spent in each.items()}, **ratios, **walls}


def million(models: int = 250, draws: int = 4000) -> dict[str, float]:
    """Resume from a million draws."""
    with tempfile.TemporaryDirectory() as at:
        size = filled(at, models, draws)["megabytes"]
        told = {
            stop: fresh("resumed", folder=at, models=models, draws=draws, stop=stop)
            for stop in (False, True)
        }
    plain, judged = told[False], told[True]
    assert plain["kept"] == judged["kept"] == models * draws
    return {
        "draws": plain["kept"],
        "file, MB": size,
        "resume without a stopper, CPU seconds": plain["cpu"],
        "resume seconds": judged["cpu"],
        "resume, wall seconds": judged["wall"],
        "peak memory, MB": max(plain["memory"], judged["memory"]) / 1024,
    }


PARTS = {"latency": latency, "cpu": cpu, "million": million}


def main() -> int:
    """Measure and print; 1 when a limit is passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one")
    chosen = parser.parse_args()
    if chosen.one:
        how = json.loads(chosen.one)
        print(json.dumps(WAYS[how.pop("way")](**how)))
        return 0
    measured: dict[str, float] = {}
    for name in chosen.parts or PARTS:
        measured |= PARTS[name]()
    if chosen.json:
        print(json.dumps({name: round(value, 4) for name, value in measured.items()}))
    else:
        print("| number | measured | at most |\n|---|---|---|")
        for name, value in measured.items():
            print(f"| {name} | {value:,.2f} | {LIMITS.get(name, '')} |")
    return int(any(value > LIMITS.get(name, value) for name, value in measured.items()))


if __name__ == "__main__":
    sys.exit(main())
