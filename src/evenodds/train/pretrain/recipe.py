"""Make `tiny`: learn a tokenizer, train the model, save it as Transformers loads it."""

import itertools
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast

from evenodds.train.pretrain.loop import Recipe, append, prefetched, pretrain
from evenodds.train.pretrain.model import CONTEXT, new_model
from evenodds.train.pretrain.stream import Batches, chat_frame, examples
from evenodds.train.pretrain.tokenizer import sample_texts, train_tokenizer

TOKENIZER_EXAMPLES = 40_000
SAVE_EVERY = 500


def make(recipe: Recipe, out: Path, start: Path | None = None) -> Path:
    """Train by `recipe` and leave the model in `out/model`; log and interim models beside it.

    `start` is the folder of a model to go on from, tokenizer included.

    One CPU thread; the same recipe, versions and machine type give the same bytes.
    """
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1), encoding="utf-8")
    model, tokenizer = begin(recipe, start)
    frame = chat_frame(tokenizer)
    batches = prefetched(_batches(tokenizer, recipe))
    pretrain(model, batches, frame, recipe, log=saving(model, tokenizer, out))
    return save(model, tokenizer, out / "model")


def begin(recipe: Recipe, start: Path | None) -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    """A new model and its tokenizer, or those in `start`."""
    if start is not None:
        model = LlamaForCausalLM.from_pretrained(start, dtype=torch.float32)
        return model, AutoTokenizer.from_pretrained(start)
    tokenizer = new_tokenizer(recipe)
    frame = chat_frame(tokenizer)
    model = new_model(
        frame.vocabulary,
        end=frame.marks[2],
        pad=tokenizer.pad_token_id,
        width=recipe.width,
        layers=recipe.layers,
        heads=recipe.heads,
        seed=recipe.seed,
    )
    return model, tokenizer


def _batches(tokenizer: PreTrainedTokenizerFast, recipe: Recipe) -> Batches:
    return Batches(
        tokenizer,
        recipe.seed,
        recipe.tokens_per_batch,
        wide=recipe.wide,
        length_power=recipe.length_power,
        instructions=recipe.instructions,
    )


def new_tokenizer(recipe: Recipe) -> PreTrainedTokenizerFast:
    """The tokenizer, learnt from the corpus's first examples under another seed."""
    drawn = itertools.islice(examples(recipe.seed + 1), TOKENIZER_EXAMPLES)
    texts = sample_texts(((one.prompt, one.reply) for one in drawn), recipe.seed)
    return train_tokenizer(texts, recipe.vocabulary, CONTEXT)


def saving(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, out: Path
) -> Callable[[dict[str, float]], None]:
    """A log that also keeps the model as it stands every `SAVE_EVERY` steps, in `out/latest`."""
    line_log = append(out / "log.jsonl")

    def log(line: dict[str, float]) -> None:
        line_log(line)
        if line["step"] % SAVE_EVERY == 0:
            save(model, tokenizer, out / "latest")

    return log


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    """The model in bfloat16 with its tokenizer and template; the one in training stays as it is."""
    weights = {name: tensor.to(torch.bfloat16) for name, tensor in model.state_dict().items()}
    weights.pop("lm_head.weight", None)
    model.config.dtype = torch.bfloat16
    model.save_pretrained(folder, state_dict=weights)
    model.config.dtype = torch.float32
    tokenizer.save_pretrained(folder)
    return folder
