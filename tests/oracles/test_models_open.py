"""Models that cannot be had: one clear message each, and nothing of the library's noise."""

import json
import logging
import shutil
import time
import warnings

import pytest
import torch
from random_models import random_local

from evenodds.errors import ModelError
from evenodds.models import Decoding, PrefixTree, load_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "dice"
    local = random_local("llama")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        local.model.save_pretrained(folder)
        local.tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def broken(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "broken")


def test_a_folder_comes_back_as_it_was_saved(saved, capfd):
    local = load_model(str(saved))
    assert local.name == "dice" and local.model.dtype == torch.float32
    assert not local.model.training
    tree = PrefixTree()
    tree.add(local.spell("roll", "4", Decoding()))
    context = local.context("roll", Decoding())
    again = random_local("llama").walk(context, tree, Decoding()).logprob
    assert local.walk(context, tree, Decoding()).logprob == pytest.approx(again, abs=1e-5)
    assert capfd.readouterr() == ("", "")


def test_dtype_threads_and_device(saved):
    threads = torch.get_num_threads()
    try:
        local = load_model(str(saved), dtype="bfloat16", threads=2, device="cpu")
        assert local.model.dtype == torch.bfloat16 and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    with pytest.raises(ModelError, match="'int3' is no dtype"):
        load_model(str(saved), dtype="int3")
    with pytest.raises(ModelError, match="device 'cuda:99' cannot be used"):
        load_model(str(saved), device="cuda:99")
    with pytest.raises(ModelError, match="device 'toaster' cannot be used"):
        load_model(str(saved), device="toaster")


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("config.json", "has no config.json"),
        ("model.safetensors", r"has no weights"),
        ("tokenizer.json", "has no a? ?tokenizer"),
    ],
)
def test_a_folder_that_is_no_model(broken, gone, said):
    (broken / gone).unlink()
    if gone == "tokenizer.json":
        (broken / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match=said):
        load_model(str(broken))


@pytest.mark.parametrize("spoiled", ["config.json", "model.safetensors", "tokenizer.json"])
def test_damaged_files(broken, spoiled):
    (broken / spoiled).write_text("{not json")
    with pytest.raises(ModelError, match=r"cannot be read .*damaged"):
        load_model(str(broken))


def test_an_unknown_architecture(broken):
    (broken / "config.json").write_text(json.dumps({"model_type": "abacus"}))
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(str(broken))


def test_a_model_whose_scores_are_no_numbers(saved):
    local = load_model(str(saved))
    with torch.no_grad():
        next(local.model.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="no numbers"):
        local.draw("roll", 2, Decoding(), 0)
    with pytest.raises(ModelError, match="no numbers"):
        _ = local.strategy


def test_things_that_are_no_folder(saved, tmp_path):
    with pytest.raises(ModelError, match="is a file: give the folder"):
        load_model(str(saved / "config.json"))
    for missing in (str(tmp_path / "nowhere"), "./nowhere", "a/b/c", "what is this"):
        with pytest.raises(ModelError, match="There is no model at"):
            load_model(missing)


@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_that_cannot_be_reached_is_one_message_at_once(monkeypatch, offline, capfd):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", offline)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(ModelError, match="neither a folder here nor to be had") as refusal:
        load_model("nobody/no-such-model")
    assert time.monotonic() - started < 10
    assert "\n" not in str(refusal.value) and capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of peft about transformers
def test_adapters(saved, tmp_path, monkeypatch):
    peft = pytest.importorskip("peft")
    local = load_model(str(saved))
    tree = PrefixTree()
    tree.add(local.spell("roll", "4", Decoding()))
    context = local.context("roll", Decoding())
    plain = local.walk(context, tree, Decoding()).logprob
    wrapped = peft.get_peft_model(local.model, peft.LoraConfig(target_modules=["q_proj", "v_proj"]))
    for name, weight in wrapped.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5, generator=torch.Generator().manual_seed(1))
    wrapped.save_pretrained(tmp_path / "adapter")
    with torch.no_grad():
        path = torch.tensor([[*context, *tree.path(len(tree) - 1)]])
        laws = wrapped(path).logits[0].double().log_softmax(-1)
    adapted = load_model(str(saved), adapter=str(tmp_path / "adapter"))
    found = adapted.walk(context, tree, Decoding()).logprob
    expected = [
        float(laws[len(context) - 1 + i, t]) for i, t in enumerate(tree.path(len(tree) - 1))
    ]
    assert found[1:] == pytest.approx(expected, abs=1e-4)
    assert abs(found - plain).max() > 1e-2
    with pytest.raises(ModelError, match="is no PEFT adapter"):
        load_model(str(saved), adapter=str(tmp_path))
    with pytest.raises(ModelError, match=r"adapter .* is neither a folder here nor"):
        load_model(str(saved), adapter="nowhere/at-all/here")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"adapter .* is neither a folder here nor"):
        load_model(str(saved), adapter="nobody/no-such-adapter")
    (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"{")
    with pytest.raises(ModelError, match="cannot be put on this model"):
        load_model(str(saved), adapter=str(tmp_path / "adapter"))
    with pytest.raises(ModelError, match="is an adapter, not a model"):
        load_model(str(tmp_path / "adapter"))


def test_the_libraries_log_level_is_the_callers(saved):
    from transformers.utils import logging as library

    library.set_verbosity(logging.INFO)
    try:
        random_local("llama").draw("roll", 1, Decoding(max_new_tokens=1), seed=0)
        assert library.get_verbosity() == logging.INFO
    finally:
        library.set_verbosity_warning()
