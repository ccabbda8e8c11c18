"""Weights that move are float32; products in bfloat16 where a model was loaded so."""

import math
from types import SimpleNamespace

import pytest
import torch
from train_local import die_tasks, small_local

from evenodds.train import precision
from evenodds.train.match import MatchConfig
from evenodds.train.run import train


def model(device, dtype):
    config = SimpleNamespace(dtype=dtype)
    config.get_text_config = lambda: config
    return SimpleNamespace(device=torch.device(device), config=config, float=lambda: "widened")


@pytest.mark.parametrize("dtype", [torch.bfloat16, "bfloat16"])
def test_products_are_halved_on_accelerators_alone(dtype):
    assert precision.halves(model("cuda:1", dtype))
    assert not precision.halves(model("cpu", dtype))
    assert not precision.halves(model("cuda:1", torch.float32))
    assert not precision.halves(model("cuda:1", None))


def test_only_what_lies_below_adapters_stays_narrow():
    narrow = model("cuda", torch.bfloat16)
    assert precision.widened(narrow, MatchConfig()) == "widened"
    assert precision.widened(narrow, MatchConfig(lora=4)) is narrow
    assert precision.widened(model("cpu", torch.bfloat16), MatchConfig(lora=4)) == "widened"


def test_a_run_with_halved_products_arrives_too(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "halves", lambda model: True)
    local = small_local()
    local.model.to(torch.bfloat16)
    seen = []
    head = local.model.get_output_embeddings()
    head.register_forward_hook(lambda *found: seen.append(found[2].dtype))
    attention = local.model.model.layers[0].self_attn.q_proj
    attention.register_forward_hook(lambda *found: seen.append((found[2].dtype,)))
    config = MatchConfig(steps=150, batch=3, lr=1e-2, noise=0.0, probe_every=0, replay=0.0)
    trained = train(local, die_tasks(), config, tmp_path)
    assert trained.loss == pytest.approx(math.log(6), abs=0.05)
    assert {p.dtype for p in local.model.parameters()} == {torch.float32}
    assert torch.bfloat16 not in seen
    assert (torch.bfloat16,) in seen
