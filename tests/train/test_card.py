"""The model card says what the record says, for every method, whole models and adapters."""

import json
import math
import re
from dataclasses import replace

import pytest
import yaml
from train_local import die_tasks, small_local

from evenodds.distributions import parse
from evenodds.models.base import Decoding
from evenodds.tasks.task import Task
from evenodds.train.card import OTHER, card
from evenodds.train.control import Control
from evenodds.train.events import Event, read_metrics
from evenodds.train.match import MatchConfig
from evenodds.train.methods import METHODS, method
from evenodds.train.probe import probe
from evenodds.train.run import Trained, train

QUICK = MatchConfig(steps=4, batch=3, lr=1e-2, warmup=1, noise=0.0, replay=0.0, probe_every=3)


def identity(name, **more):
    config = method(name).config(**more)
    seen = {"tasks": "0123456789abcdef", "replayed": None, "decoding": Decoding().to_json()}
    return {"method": name, "model": "tiny", **seen, **config.to_json()}


def head(text):
    """The YAML at the top, as a hub reads it."""
    return yaml.safe_load(re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)[1])


def rows(text):
    """The rows of the card's tables by their first cell."""
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line[:1] == "|"]
    return {first.strip(): [cell.strip() for cell in rest] for first, *rest in cells}


def done(loss=1.7918):
    return Trained(None, 40, 4.5, loss, "steps")


@pytest.mark.parametrize("lora", [None, 4])
def test_the_cards_numbers_are_those_of_the_record(tmp_path, lora):
    local = small_local()
    held = replace(die_tasks()[2], split="unseen_phrasing")
    twin = Task("2+2", parse("fixed(4)"), kind="deterministic")
    path = (local.context("Hi.", Decoding()), local.spell("Hi.", "Hello", Decoding()))
    tasks = [*die_tasks()[:2], held, twin]
    seen = probe(local, tasks, Decoding(), 5, Control(local, [path]))
    config = replace(QUICK, lora=lora)
    trained = train(
        local, tasks[:2], config, tmp_path / "run", probe=seen, command="evenodds train x | tee y"
    )
    text = (trained.model / "README.md").read_text("utf-8")
    probes = [e for e in read_metrics(tmp_path / "run" / "metrics.jsonl") if e.kind == "probe"]
    assert [event.step for event in probes] == [0, 3, 4]
    first, last = probes[0].values, probes[-1].values
    found = rows(text)
    for title, split, n in (("trained", "train", 2), ("unseen phrasing", "unseen_phrasing", 1)):
        wanted = [probe[f"{what}:{split}"] for what in ("tv", "valid") for probe in (first, last)]
        assert found[title] == [str(n), *(f"{value:.4f}" for value in wanted)]
    for name in ("twins", "control"):
        title = OTHER[f"n:{name}"][1]
        assert found[title] == ["1", f"{first[name]:.4f}", f"{last[name]:.4f}"]
    assert OTHER["n:own"][1] not in found
    assert first["tv"] != last["tv"]
    config = json.loads((tmp_path / "run" / "config.json").read_text("utf-8"))
    assert found["tasks (hash)"] == [f"`{config['tasks']}`"]
    assert found["seed"] == ["0"]
    assert found["last loss"] == [f"{trained.loss:.5f}"]
    assert "\nevenodds train x | tee y\n" in text
    assert head(text)["library_name"] == ("peft" if lora else "transformers")
    assert ("AutoPeftModelForCausalLM" in text) is bool(lora)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_its_own_words_and_options(name):
    text = card(identity(name), done(), "evenodds train tiny")
    assert f"with the method `{name}`: {method(name).says}." in text
    assert name in head(text)["tags"]
    options = json.loads(re.search(r"```json\n(.*?)\n```", text, re.DOTALL)[1])
    own = method(name).config().to_json()
    assert options == {key: value for key, value in own.items() if key != "seed"}
    assert "What was measured" not in text


@pytest.mark.parametrize("model", ["a: b", "x|y", "'quoted\" # name", "Qwen/Qwen3-0.6B", "- 1"])
def test_the_head_is_yaml_whatever_the_model_is_called(model):
    text = card({**identity("match"), "model": model}, done(math.nan), "")
    assert head(text)["base_model"] == model
    assert rows(text)["base model"] == [model.replace("|", "\\|")]


def test_a_system_prompt_is_told():
    record = {**identity("match"), "decoding": Decoding(system="Be {fair}.").to_json()}
    probes = [Event("probe", 0, 0.0, {"control": 1.0}), Event("probe", 4, 1.0, {"control": 0.9})]
    text = card(record, done(), "", probes)
    assert '{"system": "Be {fair}."}' in text
    assert "What was measured" not in text
