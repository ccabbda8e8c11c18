"""The shape of `tiny`: a Llama decoder that is able to copy before its first step.

Copying a word that was never seen needs two heads in line (the induction circuit of Olsson et al.
2022): one that looks one token back, and one that looks for the token whose predecessor is the
current one. Left to chance, a model of this size took more than 600 steps of nothing but repeated
random tokens to begin to form it; written into the start, it copies 99% of them after 100.
"""

import math

import torch
from transformers import LlamaConfig, LlamaForCausalLM

CONTEXT = 512
EMBEDDING_SCALE = 0.04
CONSTANT = 3.0
BACK_HEADS = 2
BACK_SHARPNESS = 1.9
MATCH_SHARPNESS = 1.3
COPY_GAIN = 2.0


def new_model(
    vocabulary: int, *, end: int, pad: int, width: int, layers: int, heads: int, seed: int
) -> LlamaForCausalLM:
    """A new model with tied embeddings and the copying circuit in its first two layers."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=(8 * width // 3 + 31) // 32 * 32,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
        attn_implementation="sdpa",
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        _write_copying(model)
    model.generation_config.do_sample = True
    model.generation_config.top_k = 0
    return model


def _write_copying(model: LlamaForCausalLM) -> None:
    width = model.config.hidden_size
    embedding = model.model.embed_tokens.weight
    embedding.normal_(0.0, EMBEDDING_SCALE)
    embedding[:, 0] = (
        CONSTANT * EMBEDDING_SCALE
    )  # a feature that every token has: "here is a token"
    read, written = _directions(width), _directions(width).T
    first, second, *later = (layer.self_attn for layer in model.model.layers)
    _look_back(first, read, written)
    _find_follower(second, read, written)
    for attention in later:
        attention.o_proj.weight.mul_(EMBEDDING_SCALE)


def _directions(width: int) -> torch.Tensor:
    """Orthonormal rows that do not read the constant feature."""
    rows = torch.linalg.qr(torch.randn(width, width))[0]
    rows[:, 0] = 0.0
    return rows


def _look_back(attention: torch.nn.Module, read: torch.Tensor, written: torch.Tensor) -> None:
    """The first heads attend one token back and write what they read into directions of its own.

    A query (1, 0) against a key turned by +1 position peaks at distance one under rotary embedding.
    """
    size = attention.head_dim
    half = size // 2
    for head in range(BACK_HEADS):
        own = slice(head * size, (head + 1) * size)
        for pair in range(4):
            angle = 10_000.0 ** (-pair / half)
            attention.q_proj.weight[head * size + pair, 0] += BACK_SHARPNESS
            attention.k_proj.weight[head * size + pair, 0] += BACK_SHARPNESS * math.cos(angle)
            attention.k_proj.weight[head * size + half + pair, 0] += BACK_SHARPNESS * math.sin(
                angle
            )
        attention.v_proj.weight[own] = read[own]
        attention.o_proj.weight[:, own] = EMBEDDING_SCALE * written[:, own]
    attention.o_proj.weight[:, BACK_HEADS * size :].mul_(EMBEDDING_SCALE)


def _find_follower(attention: torch.nn.Module, read: torch.Tensor, written: torch.Tensor) -> None:
    """Every head attends where the token before was the current one, and copies what stands there.

    It matches in the slowly turning half of the rotary pairs, so that distance hardly matters.
    """
    size = attention.head_dim
    half = size // 2
    slow = [*range(half // 2, half), *range(half + half // 2, size)]
    for head in range(attention.config.num_attention_heads):
        rows = [head * size + row for row in slow]
        seen = slice(head * len(slow), (head + 1) * len(slow))
        attention.q_proj.weight[rows] += MATCH_SHARPNESS * read[seen]
        attention.k_proj.weight[rows] += MATCH_SHARPNESS * written[:, seen].T
    torch.nn.init.orthogonal_(attention.v_proj.weight)
    attention.o_proj.weight.copy_(COPY_GAIN * EMBEDDING_SCALE * attention.v_proj.weight.T)
