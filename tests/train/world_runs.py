"""Runs on a small random model for several processes: `torchrun world_runs.py OUT NAME...`.

Each name is a case below; its run goes to OUT/NAME, and every process leaves the weights that it
ended with in OUT/NAME-RANK.safetensors.
"""

import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from train_local import byte_tokenizer, die_tasks, small_local

from evenodds.train.methods import METHODS, method
from evenodds.train.replay import Exchange
from evenodds.train.run import train
from evenodds.train.world import World

REPLAY = [Exchange("Say hi.", "hi"), Exchange("2+2", "4"), Exchange("Name a pet.", "cat")]
SHARED = {
    "steps": 8, "batch": 3, "lr": 1e-3, "warmup": 2, "noise": 0.3, "replay_rows": 3,
    "log_every": 1, "probe_every": 4, "checkpoint_every": 4, "average": 0.5,
}  # fmt: skip
OWN = {
    "grpo": {"group": 8, "batch": 3, "completion": 12, "reward": "witness"},
    "dpo": {"pairs": 4},
    "option_b": {"answers": 2, "tokens": 24},
    "rejection": {"draws": 4, "tokens": 8},
}


def config(name, **more):
    return method(name).config(**{**SHARED, **OWN.get(name, {}), **more})


def fixed_rollouts():
    """Within the block GRPO's rollouts are what a seed says, whatever the policy has become."""
    import random
    from unittest.mock import patch

    from evenodds.train.grpo_rollouts import Rollouts

    def drawn(self, rows):
        def one(row):
            chance = random.Random(f"{row['step']} {row['place']} {row['rollout']}")
            face = chance.choice("1111234456x")
            return list(self.local.spell(row["prompt"], face, self.decoding))

        return [one(row) for row in rows]

    return patch.object(Rollouts, "drawn", drawn)


def experts():
    """A small mixture of experts, most of which no token of a process is sent to."""
    import torch
    from transformers import Qwen2MoeConfig, Qwen2MoeForCausalLM

    from evenodds.models.local import Local

    torch.manual_seed(0)
    tokenizer = byte_tokenizer([("Ġ", str(d)) for d in range(10)])
    sizes = Qwen2MoeConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, moe_intermediate_size=8, num_experts=64,
        shared_expert_intermediate_size=8, num_experts_per_tok=1, bos_token_id=None, eos_token_id=0,
        max_position_embeddings=256, tie_word_embeddings=True, pad_token_id=None,
        initializer_range=0.3,
    )  # fmt: skip
    return Local(Qwen2MoeForCausalLM(sizes), tokenizer, "experts")


CASES = {
    **{name: lambda name=name: config(name) for name in METHODS},
    "grpo-fixed": lambda: config("grpo"),
    "few-replayed": lambda: config("match", replay_rows=1),
    "kept-laws": lambda: config("match", replay_loss="kl"),
    "lora": lambda: config("match", lora=4),
    "frozen": lambda: config("sft", freeze="lower"),
    "rising": lambda: config("match", levels="rising", batch=5, average=0.0),
    "experts": lambda: config("match", batch=2, replay_rows=1),
    "odd-groups": lambda: config("grpo", batch=1, group=6),
}


def run(out, name, **more):
    from safetensors.torch import save_file

    local = experts() if name == "experts" else small_local()
    options = replace(CASES[name](), **more)
    with fixed_rollouts() if name == "grpo-fixed" else nullcontext():
        trained = train(local, die_tasks(), options, Path(out) / name, replay=REPLAY)
    weights = {key: value.contiguous() for key, value in local.model.state_dict().items()}
    weights.pop("lm_head.weight", None)  # the embeddings themselves
    save_file(weights, Path(out) / f"{name}-{World.here().rank}.safetensors")
    return trained


if __name__ == "__main__":
    for case in sys.argv[2:]:
        run(sys.argv[1], case)
