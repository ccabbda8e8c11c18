"""Small randomly initialised models of many architectures, and a tokenizer trained on the spot.

Weights are drawn ten times wider than usual, so that attention is sharp and a wrong mask or
position changes log-probabilities by tenths of a nat instead of millionths.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from evenodds.models.local import Local

CORPUS = [
    "roll a die and answer with one number from 1 to 6",
    "flip a coin: heads or tails? <answer>heads</answer> <answer>4</answer>",
    'You rolled a 4! Answer: 12, 7, 100. {"answer": 3}\n\nNext line.\n',
] * 4

CHAT = (
    "{% for m in messages %}<|{{ m['role'] }}|>"
    "{% if m['role'] == 'assistant' %} {{ m['content'] }}{% else %}{{ m['content'] }}{% endif %}"
    "<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Like the embedded model's: the space before the reply belongs to the template."""

THINKING = (
    "{% for m in messages %}<|{{ m['role'] }}|>"
    "{% if m['role'] == 'assistant' %}{% if loop.last %}<think>\n\n</think>\n\n{% endif %}"
    "{% endif %}{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% endif %}{% endif %}"
)
"""Like Qwen3's: the model thinks first unless `enable_thinking` is false."""

OPEN_THOUGHT = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'].split('</think>')[-1] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
)
"""Like DeepSeek-R1's: the template opens the thought, and drops it from former turns."""

SPECIAL = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<|pad|>"]


@cache
def tokenizer(template: str | None = CHAT, *, bytes_known: bool = True) -> Any:
    """Train a byte-level BPE tokenizer of 320 tokens; without its bytes it lacks characters."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet() if bytes_known else []
    size = 320 if bytes_known else 90
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    core.train_from_iterator(CORPUS, trainer)
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        additional_special_tokens=SPECIAL[1:4],
    )
    made.chat_template = template
    return made


SMALL: dict[str, Any] = {
    "vocab_size": 320,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,
    "bos_token_id": None,
    "eos_token_id": 0,
    "pad_token_id": 4,
}

CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", SMALL),
    "qwen2": ("Qwen2", SMALL),
    "qwen3": ("Qwen3", SMALL),
    "gpt_neox": ("GPTNeoX", SMALL),
    "phi": ("Phi", SMALL),
    "mistral_window": ("Mistral", {**SMALL, "sliding_window": 24}),
    "mistral_no_window": ("Mistral", {**SMALL, "sliding_window": None}),
    "gemma2": ("Gemma2", {**SMALL, "sliding_window": 24, "final_logit_softcapping": 5.0}),
    "cohere": ("Cohere", {**SMALL, "logit_scale": 0.25}),
    "gpt2": (
        "GPT2",
        {
            "vocab_size": 320,
            "n_embd": 32,
            "n_layer": 2,
            "n_head": 4,
            "n_positions": 512,
            "initializer_range": 0.2,
            "eos_token_id": 0,
            "bos_token_id": None,
        },
    ),
    "opt": (
        "OPT",
        {
            **SMALL,
            "ffn_dim": 64,
            "init_std": 0.2,
            "word_embed_proj_dim": 32,
            "pad_token_id": 4,
        },
    ),
    "mpt": (
        "Mpt",
        {
            "vocab_size": 320,
            "d_model": 32,
            "n_layers": 2,
            "n_heads": 4,
            "max_seq_len": 512,
            "initializer_range": 0.2,
            "eos_token_id": 0,
        },
    ),
    "bloom": (
        "Bloom",
        {
            "vocab_size": 320,
            "hidden_size": 32,
            "n_layer": 2,
            "n_head": 4,
            "initializer_range": 0.2,
            "eos_token_id": 0,
            "bos_token_id": None,
        },
    ),
    "mamba": (
        "Mamba",
        {
            "vocab_size": 320,
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "state_size": 8,
            "initializer_range": 0.2,
            "eos_token_id": 0,
            "bos_token_id": None,
            "pad_token_id": 4,
        },
    ),
}


def random_model(kind: str, seed: int = 0, **changes: Any) -> Any:
    """Build the model of a kind in `CONFIGS`, in eval mode, from a seed."""
    family, settings = CONFIGS[kind]
    config = getattr(transformers, f"{family}Config")(**{**settings, **changes})
    with warnings.catch_warnings(), torch.random.fork_rng():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        model = transformers.AutoModelForCausalLM.from_config(config).eval()
    for name, weight in model.named_parameters():
        if weight.ndim == 2 and "mpt" in kind:
            torch.nn.init.normal_(
                weight, std=0.2, generator=torch.Generator().manual_seed(len(name))
            )
    return model


@cache
def random_local(kind: str = "llama", template: str | None = CHAT, seed: int = 0) -> Local:
    """Return a `Local` of a random model with the trained tokenizer."""
    torch.set_num_threads(1)
    return Local(random_model(kind, seed), tokenizer(template), kind)
