"""What one step of `match` costs beside a plain SFT step of as many tokens.

    python benchmarks/match_step.py [--repeats 20]

Two questions. Time: a task of 1,000 outcomes on the model `tiny`, its drawn paths as `match` feeds
them by default and its whole tree, each beside a plain causal-LM step (Transformers' own labels,
logits at every place) on one line of as many tokens. Memory: the same at a vocabulary of 151,936
with random weights of a small width, each step in a process of its own, peak resident memory above
what that process held before the step. CPU seconds, median of the repeats after a warm-up.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ARMS = ("match", "match, whole tree", "sft, as many tokens", "sft, as many tokens as the tree")
VOCABULARY = 151_936


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--arm", choices=ARMS, help="one arm in this process: for the memory")
    parser.add_argument("--wide", action="store_true")
    asked = parser.parse_args()
    if asked.arm:
        print(json.dumps(measured(asked.arm, asked.repeats, wide=asked.wide)))
        return
    for wide in (False, True):
        rows = {arm: _apart(arm, asked.repeats, wide=wide) for arm in ARMS}
        print(f"\n| {'vocabulary 151,936' if wide else 'tiny'} | tokens | ms a step | peak MB |")
        print("|---|---|---|---|")
        for arm, row in rows.items():
            print(f"| {arm} | {row['tokens']:.0f} | {row['ms']:.1f} | {row['MB']:.0f} |")
        for mine, plain in zip(ARMS[:2], ARMS[2:], strict=True):
            time_, memory = (rows[mine][key] / rows[plain][key] for key in ("ms", "MB"))
            print(f"| {mine} / plain | | {time_:.2f} | {memory:.2f} |")


def _apart(arm: str, repeats: int, *, wide: bool) -> dict[str, float]:
    """The numbers of one arm, from a process of its own."""
    asked = [sys.executable, __file__, "--arm", arm, "--repeats", str(repeats)]
    said = subprocess.run(
        [*asked, *(["--wide"] if wide else [])], check=True, capture_output=True, text=True
    )
    row: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    print(json.dumps({"arm": arm, "wide": wide, **row}), flush=True)
    return row


def measured(arm: str, repeats: int, *, wide: bool) -> dict[str, float]:
    """Tokens, milliseconds a step, and peak megabytes above the start."""
    import torch

    torch.set_num_threads(1)
    local = _wide() if wide else _tiny()
    local.model.train().requires_grad_(True)
    step, tokens = _step(arm, local)
    optimizer = torch.optim.AdamW(local.model.parameters(), lr=1e-5)
    before = _reset_peak()
    spent = []
    for _ in range(repeats + 2):
        start = time.process_time()
        step().backward()
        optimizer.step()
        optimizer.zero_grad()
        spent.append(time.process_time() - start)
    return {"tokens": tokens, "ms": 1000 * median(spent[2:]), "MB": (_peak() - before) / 2**20}


def _step(arm: str, local: Any) -> tuple[Callable[[], Any], int]:
    from evenodds.distributions import parse
    from evenodds.models.base import Decoding
    from evenodds.tasks.task import Task
    from evenodds.train.collate import collate
    from evenodds.train.forward import Forward, edge_loss
    from evenodds.train.lesson import prepare
    from evenodds.train.match import MatchConfig

    task = Task("Pick a whole number from 1 to 1000.", parse("uniform(1, 1000)"))
    whole = arm in (ARMS[1], ARMS[3])
    config = MatchConfig(nodes=10**6 if whole else 4, paths=8)
    row = prepare(task, local, Decoding(), config).row(random.Random(0))
    if arm.startswith("sft"):
        return _plain(local.model, len(row)), len(row)
    batch, forward = collate([row], "tree"), Forward(local.model)
    return lambda: edge_loss(forward.logprobs(local.model, batch), batch), len(row)


def _plain(model: Any, tokens: int) -> Callable[[], Any]:
    """The plain step: Transformers' own loss on one line of so many tokens."""
    import torch

    ids = torch.randint(1, 200, (1, tokens))
    return lambda: model(input_ids=ids, labels=ids).loss


def _tiny() -> Any:
    from evenodds.models.load import load_model

    return load_model("tiny")


def _wide() -> Any:
    """The tokenizer of `tiny` before random weights that know 151,936 tokens."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from evenodds.models.local import Local

    tiny = _tiny()
    shape = {"vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 64}
    more = {"num_hidden_layers": 2, "num_attention_heads": 4, "tie_word_embeddings": True}
    ends = {"bos_token_id": None, "eos_token_id": sorted(tiny.ends)[0]}
    config = LlamaConfig(**shape, **more, **ends, max_position_embeddings=4096)
    return Local(LlamaForCausalLM(config), tiny.tokenizer, "wide")


def _reset_peak() -> int:
    """Forget the peak so far (Linux); the bytes resident now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
