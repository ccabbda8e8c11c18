"""The training loop of `tiny`: warm up, hold, decay to zero; read it from top to bottom.

Muon (momentum made orthogonal; Jordan et al. 2024) moves the matrices, AdamW the embeddings and
norms. The loss is the cross-entropy against the exact next-token law at the answers' tokens, in
nats a token; its floor is the mean entropy of those laws. The first steps, and one in a while
after, are drills: repeat these random tokens. They settle the copying circuit of `model`; with
`repeats`, tokens recur in what is to be repeated, so that one token before is not enough to go on.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import DataLoader, IterableDataset
from transformers import LlamaForCausalLM

from evenodds.train.pretrain.stream import Batch, Frame


@dataclass(frozen=True)
class Recipe:
    """Everything that the weights depend on; `decay` is the last share of the steps.

    `stop` leaves off after so many of `steps`, the rates being where they are.
    """

    vocabulary: int = 2048
    width: int = 128
    layers: int = 4
    heads: int = 4
    steps: int = 20_000
    warmup: int = 50
    decay: float = 0.3
    drills: int = 100
    drill_every: int = 16
    repeats: bool = False
    tokens_per_batch: int = 3072
    matrix_rate: float = 0.02
    other_rate: float = 0.003
    stop: int | None = None
    instructions: float = 1.0
    wide: bool = False
    length_power: float = 0.0
    half: bool = False
    seed: int = 17


def schedule(step: int, recipe: Recipe) -> float:
    """The share of the peak rate at `step`: up over `warmup`, flat, then down to zero."""
    falling = recipe.decay * recipe.steps
    left = (recipe.steps - step) / falling if falling else 1.0
    return max(0.0, min(1.0, (step + 1) / recipe.warmup, left))


def optimisers(model: LlamaForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the embeddings and norms."""
    inner = [p for p in model.model.layers.parameters() if p.ndim == 2]
    chosen = {id(p) for p in inner}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    return [
        torch.optim.Muon(inner, lr=recipe.matrix_rate, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(rest, lr=recipe.other_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def loss_and_floor(
    model: LlamaForCausalLM, batch: Batch, *, half: bool = False
) -> tuple[torch.Tensor, float]:
    """Cross-entropy against the laws at the answers' tokens, and the laws' mean entropy (nats).

    With `half`, the layers' matrix products are in bfloat16; the last one never is.
    """
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        hidden = model.model(batch.tokens).last_hidden_state
    logprob = model.lm_head(hidden[batch.rows, batch.columns].float()).log_softmax(-1)
    share = batch.mass * (batch.weight / batch.weight.sum())[batch.at]
    cross = -(share * logprob[batch.at, batch.token]).sum()
    floor = -(share * batch.mass.log()).sum()
    return cross, float(floor)


def drill_loss(
    model: LlamaForCausalLM, frame: Frame, recipe: Recipe, chance: torch.Generator
) -> torch.Tensor:
    """Cross-entropy of repeating 3 to 30 random tokens (nats a token)."""
    length = int(torch.randint(3, 31, (1,), generator=chance))
    rows = recipe.tokens_per_batch // (2 * length + 3)
    said = _said(frame, recipe, (rows, length), chance)
    user, assistant, end = (torch.full((rows, 1), mark) for mark in frame.marks)
    row = torch.cat([user, said, end, assistant, said, end], 1)
    hidden = model.model(row[:, :-1]).last_hidden_state[:, length + 2 :]
    return torch.nn.functional.cross_entropy(
        model.lm_head(hidden).flatten(0, 1), row[:, length + 3 :].flatten()
    )


def _said(
    frame: Frame, recipe: Recipe, shape: tuple[int, int], chance: torch.Generator
) -> torch.Tensor:
    """Random tokens; with `repeats`, three times in four from an alphabet of 4 to 12 a row."""
    first, stop = frame.first_ordinary, frame.vocabulary
    if not recipe.repeats or float(torch.rand((), generator=chance)) < 0.25:
        return torch.randint(first, stop, shape, generator=chance)
    size = int(torch.randint(4, 13, (1,), generator=chance))
    alphabet = torch.randint(first, stop, (shape[0], size), generator=chance)
    return alphabet.gather(1, torch.randint(0, size, shape, generator=chance))


def prefetched(batches: IterableDataset[Batch]) -> Iterator[Batch]:
    """The same batches in the same order, made ahead by one other process."""
    return iter(DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=32))


def pretrain(
    model: LlamaForCausalLM,
    batches: Iterator[Batch],
    frame: Frame,
    recipe: Recipe,
    *,
    log: Callable[[dict[str, float]], None],
    every: int = 100,
) -> None:
    """Train `model` in place for `recipe.steps` steps; `log` gets a line every `every` steps."""
    if recipe.half:  # in bfloat16 on a CPU the fused attention's backward takes half the step
        model.set_attn_implementation("eager")
    parts = optimisers(model, recipe)
    peaks = [part.param_groups[0]["lr"] for part in parts]
    chance = torch.Generator().manual_seed(recipe.seed)
    started, cpu = time.time(), time.process_time()
    losses: list[float] = []
    floors: list[float] = []
    for step in range(recipe.stop or recipe.steps):
        for part, peak in zip(parts, peaks, strict=True):
            part.param_groups[0]["lr"] = peak * schedule(step, recipe)
        if step < recipe.drills or step % recipe.drill_every == 0:
            loss = drill_loss(model, frame, recipe, chance)
            drill = float(loss.detach())
        else:
            loss, floor = loss_and_floor(model, next(batches), half=recipe.half)
            losses.append(float(loss.detach()))
            floors.append(floor)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for part in parts:
            part.step()
            part.zero_grad(set_to_none=True)
        if (step + 1) % every == 0:
            count = max(len(losses), 1)
            log(
                {
                    "step": step + 1,
                    "loss": round(sum(losses) / count, 5),
                    "excess": round((sum(losses) - sum(floors)) / count, 5),
                    "drill": round(drill, 4),
                    "seconds": round(time.time() - started, 1),
                    "cpu_seconds": round(time.process_time() - cpu, 1),
                }
            )
            losses, floors = [], []


def append(path: Path) -> Callable[[dict[str, float]], None]:
    """A log that appends each line to `path` as JSON and prints it."""

    def log(line: dict[str, float]) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(" ".join(f"{key} {value}" for key, value in line.items()), flush=True)

    return log
