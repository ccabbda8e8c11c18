"""What exact measurement costs beside its alternatives: `python benchmarks/exact_measurement.py`.

    python benchmarks/exact_measurement.py [MODEL] [--draws 1000] [--json]

For a die (6 outcomes) and a number from 1 to 100, on one thread, the CPU seconds of one task by:

- exact: the whole measurement, spelling and off-support exploration included, from a cold cache;
- walk: only the log-probabilities of the canonical spellings, spelled beforehand;
- generate: fresh draws by Hugging Face's `generate` in batches, and parsing them, without any
  statistics: what sampling costs where beginnings are not shared;
- shared: the same number of draws by `Local.draw`, which computes each distinct beginning once;
- one by one: one full forward pass for every prompt + outcome, as a loop over outcomes does it;
- lm-eval: `loglikelihood` of lm-evaluation-harness (HFLM) over the same outcomes of the same model,
  one by one and in batches of 64. Needs `pip install lm_eval`; said so where it is missing.

Median of several rounds. All ways of scoring must agree with the walk to 1e-4 nats on every
outcome, or the benchmark stops.
"""

import argparse
import json
import logging
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch

from evenodds.distributions import parse
from evenodds.measure.exact import measure_exact
from evenodds.models import Decoding, PrefixTree, load_model, path_logprobs
from evenodds.models.local import Local
from evenodds.models.local_draw import draw_ids
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.suite import load_suite
from evenodds.tasks.task import Task

LIMITS = {("die", "generate"): 100.0, ("1 to 100", "one by one"): 5.0}
"""What exact measurement must be faster by: (task, alternative) -> ratio."""
PLAIN = Decoding()


def tasks() -> dict[str, Task]:
    """Return the die article's own task and a choice among a hundred numbers."""
    hundred = Task(
        prompt="Pick a number from 1 to 100 and reply with the number only, nothing else.",
        target=parse("uniform(1, 100)"),
        format=AnswerFormat("bare"),
        family="uniform",
        category="basic",
        level=1,
        split="train",
    )
    return {"die": load_suite("die").tasks[0], "1 to 100": hundred}


def cpu_seconds(work: Callable[[], Any], rounds: int) -> float:
    """Return the median CPU time of one run in seconds, after one that is not counted."""
    work()
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return statistics.median(spent)


def forgetful(local: Local, work: Callable[[], Any]) -> Callable[[], Any]:
    """Return the work with the last prompt's cache and frames dropped first, as on a new task."""

    def fresh() -> Any:
        local._last = None
        local.turns.frame.cache_clear()
        return work()

    return fresh


def paths_of(local: Local, task: Task) -> list[tuple[int, ...]]:
    """Return the token path of each outcome's canonical spelling."""
    texts = [task.format.spellings(outcome)[0] for outcome in task.law.pmf()]
    return [local.spell(task.prompt, text, PLAIN) for text in texts]


def walked(local: Local, task: Task, paths: list[tuple[int, ...]]) -> list[float]:
    """Return the log-probability of each path, all in one walk."""
    tree = PrefixTree()
    nodes = [tree.add(path) for path in paths]
    total = path_logprobs(tree, local.walk(local.context(task.prompt, PLAIN), tree, PLAIN).logprob)
    return [float(total[node]) for node in nodes]


def one_by_one(local: Local, task: Task, paths: list[tuple[int, ...]]) -> list[float]:
    """Return the log-probability of each path from a full pass over prompt and path."""
    context = local.context(task.prompt, PLAIN)
    found = []
    for path in paths:
        ids = torch.tensor([[*context, *path[:-1]]], device=local.model.device)
        with torch.no_grad():
            logits = local.model(ids, use_cache=False).logits[0, len(context) - 1 :]
        laws = logits.double().log_softmax(-1)
        found.append(float(laws[range(len(path)), list(path)].sum()))
    return found


def shared(local: Local, task: Task, n: int) -> None:
    """Draw with shared beginnings and parse."""
    for reply in local.draw(task.prompt, n, PLAIN, seed=1):
        task.parse(reply.text)


def generated(local: Local, task: Task, n: int) -> None:
    """Draw by `generate` and parse."""
    ids = local.context(task.prompt, PLAIN)
    for row in draw_ids(local.model, ids, n, PLAIN, ends=local.ends, seed=1):
        task.parse(local._reply(row).text)


def lm_eval(local: Local, task: Task, batch: int) -> Callable[[], Any] | None:
    """Return the same outcomes as loglikelihood requests; None where lm-eval is not installed."""
    try:
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM
    except ImportError:
        return None
    logging.disable(logging.WARNING)
    model = HFLM(pretrained=local.model, tokenizer=local.tokenizer, batch_size=batch)
    before = local.turns.frame(task.prompt, PLAIN)
    texts = [task.format.spellings(outcome)[0] for outcome in task.law.pmf()]
    end = local.tokenizer.decode([local.turns.end])
    requests = [
        Instance("loglikelihood", {}, (before.before, before.lead + text + end), i)
        for i, text in enumerate(texts)
    ]
    found = [logprob for logprob, _ in model.loglikelihood(requests, disable_tqdm=True)]
    check("lm-eval", found, walked(local, task, paths_of(local, task)))
    return lambda: model.loglikelihood(requests, disable_tqdm=True)


def check(name: str, found: list[float], expected: list[float]) -> None:
    """Stop when two ways of scoring the same outcomes disagree by more than 1e-4 nats."""
    apart = max(abs(a - b) for a, b in zip(found, expected, strict=True))
    if apart > 1e-4:
        raise SystemExit(f"{name} and the walk differ by {apart} nats")


def measured(local: Local, task: Task, draws: int) -> dict[str, float | None]:
    """Return the CPU seconds of each way of measuring one task; None for what is missing."""
    paths = paths_of(local, task)
    check("one by one", one_by_one(local, task, paths), walked(local, task, paths))
    harness = {f"lm-eval, batch {size}": lm_eval(local, task, size) for size in (1, 64)}
    fast: dict[str, Callable[[], Any] | None] = {
        "exact": forgetful(local, lambda: measure_exact(local, task)),
        "walk": forgetful(local, lambda: walked(local, task, paths)),
        "shared": forgetful(local, lambda: shared(local, task, draws)),
    }
    slow: dict[str, Callable[[], Any] | None] = {
        "generate": lambda: generated(local, task, draws),
        "one by one": lambda: one_by_one(local, task, paths),
        **harness,
    }
    spent = {name: cpu_seconds(work, 15) for name, work in fast.items() if work}
    late = {name: cpu_seconds(work, 3) if work else None for name, work in slow.items()}
    return {**spent, **late}


def table(found: dict[str, dict[str, float | None]], draws: int) -> str:
    """Return the ratios as a Markdown table."""
    lines = ["| task | way | CPU ms a task | times the exact measurement | times the walk |"]
    lines.append("|---|---|---|---|---|")
    for task, ways in found.items():
        exact, walk = ways["exact"] or 1.0, ways["walk"] or 1.0
        for way, seconds in ways.items():
            name = f"{draws} draws, {way}" if way in ("generate", "shared") else way
            if seconds is None:
                lines.append(f"| {task} | {name} | lm_eval is not installed | | |")
                continue
            ratios = f"{seconds / exact:.1f} | {seconds / walk:.1f}"
            lines.append(f"| {task} | {name} | {seconds * 1e3:.1f} | {ratios} |")
    return "\n".join(lines)


def failures(found: dict[str, dict[str, float | None]]) -> list[str]:
    """Return the limits that were missed, in words."""
    missed = []
    for (task, way), limit in LIMITS.items():
        ratio = (found[task][way] or 0.0) / (found[task]["exact"] or 1.0)
        if ratio < limit:
            missed.append(f"{task}: {way} costs {ratio:.1f} times exact, and {limit} was asked")
    return missed


def main() -> int:
    """Measure and print; 1 when a limit is missed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("model", nargs="?", default="tiny")
    asked.add_argument("--draws", type=int, default=1000)
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    warnings.simplefilter("ignore")
    local = load_model(options.model, device="cpu", threads=1)
    found = {name: measured(local, task, options.draws) for name, task in tasks().items()}
    print(json.dumps(found) if options.json else table(found, options.draws))
    missed = failures(found)
    for line in missed:
        print(line)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
