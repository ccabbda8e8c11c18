"""What a run of any method leaves loads without evenodds, and answers as it did in training."""

import json

import pytest
import torch
from train_local import die_tasks, small_local
from train_methods import METHODS, run
from transformers import AutoModelForCausalLM, AutoTokenizer

from evenodds.models.base import Decoding, path_logprobs
from evenodds.models.local import Local
from evenodds.tasks.trie import token_trie

SHORT = {"steps": 2, "checkpoint_every": 2}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with the untrained model, as a user has it."""
    folder = tmp_path_factory.mktemp("base")
    local = small_local()
    local.model.save_pretrained(folder)
    local.tokenizer.save_pretrained(folder)
    return folder


def loaded(folder):
    return Local(
        AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    )


def answers(local):
    """Exact log-probabilities of the faces, and forty draws."""
    task, decoding = die_tasks()[0], Decoding(max_new_tokens=8)
    trie = token_trie(task, local)
    walk = local.walk(local.context(task.prompt, decoding), trie.tree, decoding)
    logp = path_logprobs(trie.tree, walk.logprob)
    return [logp[node] for node in trie.outcome], local.draw(task.prompt, 40, decoding, 7)


def same(one, other):
    assert one[0] == pytest.approx(other[0], abs=1e-4)
    assert one[1] == other[1]


@pytest.mark.parametrize("name", METHODS)
def test_a_fully_trained_model(tmp_path, base, name):
    local = Local.load(str(base))
    before = answers(local)
    run(name, tmp_path, local, **SHORT)
    taught = answers(local)
    assert taught[0] != pytest.approx(before[0], abs=1e-2)
    same(answers(loaded(tmp_path / "model")), taught)
    for file in ("config.json", "generation_config.json"):
        was, now = (json.loads((at / file).read_text("utf-8")) for at in (base, tmp_path / "model"))
        assert now | {"pad_token_id": None} == was | {"pad_token_id": None}  # GRPO names one


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
@pytest.mark.parametrize("name", METHODS)
def test_an_adapter(tmp_path, base, name):
    from peft import AutoPeftModelForCausalLM, PeftModel

    local = Local.load(str(base))
    run(name, tmp_path, local, lora=4, **SHORT)
    taught = answers(local)
    model = tmp_path / "model"
    assert not (model / "model.safetensors").exists()
    assert [path.name for path in model.iterdir() if path.is_dir()] == []
    by_name = AutoPeftModelForCausalLM.from_pretrained(model)
    same(answers(Local(by_name, AutoTokenizer.from_pretrained(model))), taught)
    onto = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), model)
    same(answers(Local(onto, AutoTokenizer.from_pretrained(base))), taught)
    with onto.disable_adapter(), torch.no_grad():
        same(answers(Local(onto, AutoTokenizer.from_pretrained(base))), answers(loaded(base)))
