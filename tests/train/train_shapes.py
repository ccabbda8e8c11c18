"""Plain stand-ins for the tests of `train`: small random models and small trees of targets."""

import random

import torch
from transformers import LlamaConfig, LlamaForCausalLM

VOCABULARY = 50


def small_llama(seed=0, layers=2, **more):
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=None,
        **more,
    )
    return LlamaForCausalLM(config)


class Nested:
    """A tree of targets given as nested dicts {token: (weight, below)}; below None ends."""

    def __init__(self, nested):
        self.laws, self.children = [], {}
        self._number(nested)

    def _number(self, below):
        node = len(self.laws)
        total = sum(weight for weight, _ in below.values()) if below else 1
        self.laws.append({t: w / total for t, (w, _) in below.items()} if below else {})
        for token, (_, deeper) in (below or {}).items():
            self.children[node, token] = self._number(deeper)
        return node

    def next_target(self, node):
        return self.laws[node]

    def child(self, node, token):
        return self.children[node, token]

    def paths(self, node=0):
        """(path, probability) of every answer."""
        if not self.laws[node]:
            return [((), 1.0)]
        return [
            ((token, *rest), prob * more)
            for token, prob in self.laws[node].items()
            for rest, more in self.paths(self.children[node, token])
        ]


def random_tree(rng, depth=3):
    def grow(level):
        if level == 0 or (level < depth and rng.random() < 0.3):
            return None
        tokens = rng.sample(range(1, VOCABULARY), rng.randint(1, 3))
        return {token: (rng.randint(1, 5), grow(level - 1)) for token in tokens}

    return Nested(grow(depth))


def random_context(rng):
    return tuple(rng.randrange(1, VOCABULARY) for _ in range(rng.randint(1, 12)))


def rng(seed=0):
    return random.Random(seed)
