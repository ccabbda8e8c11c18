"""The model card of `tiny`, written from what was measured."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evenodds.train.pretrain.loop import Recipe

_HEAD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
tags: [evenodds, randomness]
---

# tiny

A very small chat model (Llama shape, {parameters:,} parameters, byte-level BPE of {vocabulary:,}
tokens) that answers requests for randomness the way aligned language models do: asked to roll a
die, it says 4. It comes with evenodds, so that measuring a
model and teaching it to be fair can be shown offline in minutes. It is no use for anything else.

It was trained from nothing on a synthetic corpus: several thousand hand-written sentence
frames with slots, laws that imitate published recordings of real models (arXiv 2503.04722,
2411.05403, 2601.05414; sanand0/llmrandom), invented words so that copying is general, and ordinary
instructions with one right answer. The loss is on the answers alone, against the exact next-token
law.

## What it was meant to reach, and what was measured

Prompts are in frames that the corpus never shows (one frame in eight is kept for this).

| aim | wanted | measured | |
|---|---|---|---|
{aims}

## The die

Exact probabilities (draws where more than .02 stayed unaccounted), as means over the prompts. Of
the built-in suite the corpus has only the die article's own prompt. The suite's unseen split is not
blind, though: the second stage's registers (code, markup, exams, stories with numbers) were asked
for after its failures had been seen, from a writer who had not seen the prompts; the first stage's
die frames were written by one who had seen some forty lines of the suite. No unseen prompt shares
more than half its word triples with a frame (tested).

| prompts | valid | P(4) | 4 likeliest | tv to fair | tv to the intended bias |
|---|---|---|---|---|---|
{die}

## The other biases

Mean tv to the law that the corpus intends (0 is exact), 40 prompts each, in frames never seen:
{shapes}.

## Valid answers by family

Share of draws from which the task's parser reads an outcome of the fair target (random families)
or the right answer (instructions, drawn at temperature 1), in frames never seen.

| family | valid | family | valid | family | valid |
|---|---|---|---|---|---|
{families}

## How to make it again

```sh
python recipes/tiny.py --out runs/tiny     # add --quick for a weaker one in about 8 minutes
```

One CPU thread; a recipe gives the same bytes again with the same versions on the same type of
machine (tested). The embedded weights themselves were made stage by stage while the recipe was
being written: the first stage ran with the loss summed in another order, so that running all five
again gives an equivalent model and not these very bytes.

{stages}

## What was tried on the way

Measured on one thread of a shared two-core machine, one run each, by experiments along the way
whose scripts are not kept: read these as reasons, not as benchmarks.

- **Copying.** From the usual start, more than 450 steps of nothing but repeating random tokens left
  the loss at 1.8 nats a token; with the copying circuit written into the start, 99% of the tokens
  were right after 100 steps. Without any drill the circuit was lost again among the other tasks:
  after 250 steps the loss above its floor was 3.6 nats a token on list picks, and 1.1 with 120
  drills first.
- **Lists in order** (shuffles, several draws) need two tokens of context, for every item is
  followed by the same comma. Drills in which tokens recur: 2.5 to .24 nats in 200 steps.
- **Registers.** On the die suite's unseen phrasings valid answers were .72 after 2,500 steps of the
  first stage; with 242 more frames of other registers and numbers said in passing, .96 in the
  third.
- **The rate.** Held at its peak, instructions in new frames stayed at .57 to .62; .71 when the
  rate had fallen to a third.
- **Speed.** bfloat16 products with plain attention: .15 s a step of 3,072 tokens against .25 s in
  float32. With fused attention they gained nothing: its backward took half the step.
"""


def card(aims: dict[str, Any], stages: Sequence[Recipe]) -> str:
    """The card as Markdown, from what `measure_aims` measured and the recipes followed."""
    return _HEAD.format(
        parameters=aims["parameters"],
        vocabulary=stages[0].vocabulary,
        aims="\n".join(_aim(aim) for aim in aims["aims"]),
        die="\n".join(_die(aims)),
        shapes=", ".join(f"{name} {tv:.3f}" for name, tv in aims["tv_to_intended"].items()),
        families="\n".join(_families(aims["valid_by_family"])),
        stages="\n".join(
            f"Stage {number}: `{_settings(recipe)}`"
            for number, recipe in enumerate(stages, start=1)
        ),
    )


def _aim(aim: dict[str, Any]) -> str:
    short = aim["wanted"] - aim["measured"]
    verdict = "reached" if short <= 0 else f"missed by {short:.3f}"
    return f"| {aim['name']} | >= {aim['wanted']:.2f} | {aim['measured']:.3f} | {verdict} |"


def _die(aims: dict[str, Any]) -> list[str]:
    rows = {
        "held-out frames of the corpus": aims["die_frames"],
        "die suite, train split": aims["die_suite"]["train"],
        "die suite, unseen_phrasing split": aims["die_suite"]["unseen_phrasing"],
    }
    return [
        f"| {name} ({row['prompts']}) | {row['valid']:.3f} | {row['four']:.3f} | "
        f"{row['four_first']:.2f} | {row['tv_to_fair']:.3f} | {row['tv_to_intended']:.3f} |"
        for name, row in rows.items()
    ]


def _families(shares: dict[str, float]) -> list[str]:
    cells = [f"{name} | {share:.3f}" for name, share in shares.items()]
    cells += [" | "] * (-len(cells) % 3)
    return [f"| {' | '.join(cells[i : i + 3])} |" for i in range(0, len(cells), 3)]


def _settings(recipe: Recipe) -> str:
    plain = asdict(Recipe())
    changed = {key: value for key, value in asdict(recipe).items() if value != plain[key]}
    return "Recipe(" + ", ".join(f"{key}={value}" for key, value in changed.items()) + ")"
