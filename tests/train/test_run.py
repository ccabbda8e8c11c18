"""Whole runs on a small random model: it reaches its target, resumes exactly, says no clearly."""

import copy
import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from train_local import biased_local, die_tasks, small_local

from evenodds.errors import EvenoddsError, RunError
from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding
from evenodds.train.events import read_metrics
from evenodds.train.match import MatchConfig
from evenodds.train.replay import Exchange
from evenodds.train.run import train

QUICK = MatchConfig(
    steps=60, batch=3, lr=1e-2, warmup=2, noise=0.3, replay_rows=2, log_every=5,
    probe_every=0, checkpoint_every=20, average=0.5, nodes=64,
)  # fmt: skip
REPLAY = [Exchange("Say hi.", "hi"), Exchange("2+2", "4"), Exchange("Name a pet.", "cat")]
HERE = Path(__file__).parent


def run(out, config=QUICK, **more):
    return train(small_local(), die_tasks(), config, out, replay=REPLAY, **more)


def weights(folder):
    return (folder / "model" / "model.safetensors").read_bytes()


def test_a_run_reaches_the_target_and_leaves_its_record(tmp_path):
    events = []
    trained = run(tmp_path, replace(QUICK, steps=150), on_event=events.append)
    assert trained.reason == "steps"
    assert trained.step == 150
    kinds = [event.kind for event in events]
    assert kinds[0] == "start"
    assert kinds[-1] == "done"
    assert read_metrics(tmp_path / "metrics.jsonl") == events
    last = [event for event in events if event.kind == "step"][-1].values
    assert last["entropy"] == pytest.approx(math.log(6), abs=1e-6)
    assert last["loss"] == pytest.approx(math.log(6), abs=0.05)
    card = (tmp_path / "model" / "README.md").read_text("utf-8")
    assert "seed | 0" in card
    assert f"{trained.loss:.5f}" in card


def test_the_final_model_loads_plainly_and_is_fair(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from evenodds.models.local import Local

    run(tmp_path, replace(QUICK, steps=150))
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    local = Local(model, AutoTokenizer.from_pretrained(tmp_path / "model"))
    for task in die_tasks():
        assert measure_exact(local, task).statistics["tv"].value < 0.03


@pytest.mark.slow
def test_equal_seeds_give_equal_bytes(tmp_path):
    run(tmp_path / "one")
    run(tmp_path / "two")
    run(tmp_path / "other", replace(QUICK, seed=1))
    assert weights(tmp_path / "one") == weights(tmp_path / "two")
    assert weights(tmp_path / "one") != weights(tmp_path / "other")


CHILD = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from test_run import run
from evenodds.train.events import Event
def slow(event):
    import time
    time.sleep(0.05 if event.kind == "step" else 0)
trained = run(Path(sys.argv[1]), on_event=slow)
sys.exit(130 if trained.reason == "interrupted" else 0)
"""


def interrupted_child(out, number, after_step):
    """Start the run in a process of its own and send it signal `number` behind `after_step`."""
    child = subprocess.Popen([sys.executable, "-c", CHILD.format(here=str(HERE)), str(out)])
    metrics = out / "metrics.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if metrics.exists() and any(e.step >= after_step for e in read_metrics(metrics)):
            os.kill(child.pid, number)
            break
        time.sleep(0.01)
    return child.wait(timeout=60)


def test_killed_and_resumed_a_run_ends_in_the_same_bytes(tmp_path):
    run(tmp_path / "whole")
    assert interrupted_child(tmp_path / "killed", signal.SIGKILL, 25) == -signal.SIGKILL
    assert not (tmp_path / "killed" / "model").exists()
    trained = run(tmp_path / "killed", resume=True)
    assert trained.step == QUICK.steps
    assert weights(tmp_path / "whole") == weights(tmp_path / "killed")
    told = [e for e in read_metrics(tmp_path / "killed" / "metrics.jsonl") if e.kind == "step"]
    whole = [e for e in read_metrics(tmp_path / "whole" / "metrics.jsonl") if e.kind == "step"]
    assert [(e.step, e.values) for e in told] == [(e.step, e.values) for e in whole]


@pytest.mark.slow
def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(tmp_path):
    run(tmp_path / "whole")
    assert interrupted_child(tmp_path / "stopped", signal.SIGINT, 7) == 130
    checkpoints = list((tmp_path / "stopped" / "checkpoints").iterdir())
    assert any((checkpoint / "evenodds.json").exists() for checkpoint in checkpoints)
    run(tmp_path / "stopped", resume=True)
    assert weights(tmp_path / "whole") == weights(tmp_path / "stopped")


@pytest.mark.slow
def test_a_torn_checkpoint_is_passed_over(tmp_path):
    run(tmp_path / "whole")
    interrupted_child(tmp_path / "killed", signal.SIGKILL, 45)
    torn = sorted((tmp_path / "killed" / "checkpoints").iterdir())[-1]
    (torn / "evenodds.json").unlink()
    run(tmp_path / "killed", resume=True)
    assert weights(tmp_path / "whole") == weights(tmp_path / "killed")


def test_another_configuration_is_refused_by_name(tmp_path):
    run(tmp_path, replace(QUICK, steps=2))
    with pytest.raises(RunError, match=r"lr: recorded 0\.01, now 0\.001"):
        run(tmp_path, replace(QUICK, steps=2, lr=1e-3), resume=True)
    with pytest.raises(RunError, match="decoding"):
        run(tmp_path, replace(QUICK, steps=2), resume=True, decoding=Decoding(system="Be fair."))


def test_folders_that_cannot_serve(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty and holds no run"):
        run(tmp_path / "full")
    with pytest.raises(RunError, match="is a file"):
        run(tmp_path / "full" / "thesis.txt")
    with pytest.raises(RunError, match="no run to resume"):
        run(tmp_path / "none", resume=True)
    run(tmp_path / "done", replace(QUICK, steps=2))
    with pytest.raises(RunError, match="--resume"):
        run(tmp_path / "done", replace(QUICK, steps=2))
    again = run(tmp_path / "done", replace(QUICK, steps=2), resume=True)
    assert again.reason == "finished"
    assert again.step == 2


def test_an_answer_that_cannot_be_spelled_leaves_no_folder(tmp_path):
    tasks = die_tasks("weighted({'yes': 1, '\u2003': 1})")
    with pytest.raises(EvenoddsError):
        train(small_local(), tasks, QUICK, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_task_is_no_run(tmp_path):
    with pytest.raises(RunError, match="no task"):
        train(small_local(), [], QUICK, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_early_stop_at_the_targets_entropy(tmp_path):
    config = replace(QUICK, steps=2000, margin=0.05, schedule="constant", replay=0.0)
    trained = run(tmp_path, config)
    assert trained.reason == "margin"
    assert 10 <= trained.step < 500
    assert trained.loss < math.log(6) + 0.2


def test_seconds_end_a_run(tmp_path):
    trained = run(tmp_path, replace(QUICK, steps=100_000, seconds=1.0, checkpoint_every=100_000))
    assert trained.reason == "seconds"
    assert 1.0 <= trained.seconds < 4.0


@pytest.fixture(scope="module")
def biased():
    return biased_local()


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
def test_lora_leaves_an_adapter_and_the_base_alone(tmp_path, biased):
    from peft import PeftModel

    local, fresh = copy.deepcopy(biased), copy.deepcopy(biased)
    task = die_tasks()[0]
    assert measure_exact(local, task)["tv"] > 0.5
    train(
        local,
        die_tasks(),
        replace(QUICK, lora=8, steps=150, replay=0.2),
        tmp_path / "run",
        replay=REPLAY,
    )
    tv = measure_exact(local, task)["tv"]
    assert tv < 0.05
    fresh.model = PeftModel.from_pretrained(fresh.model, tmp_path / "run" / "model").eval()
    assert measure_exact(fresh, task)["tv"] == pytest.approx(tv, abs=1e-5)
    with fresh.model.disable_adapter():
        assert measure_exact(fresh, task)["tv"] > 0.5


@pytest.mark.parametrize("lora", [None, 4])
def test_kl_replay_holds_the_untrained_models_own_laws(tmp_path, lora, biased):
    free = replace(QUICK, replay=0.0, steps=60, lora=lora)
    held = replace(free, replay=0.5, replay_loss="kl")
    drift = {}
    for name, config in {"free": free, "held": held}.items():
        local = copy.deepcopy(biased)
        ids = torch.tensor([local.context("Say hi.", Decoding())])
        with torch.no_grad():
            before = local.model(ids).logits[0, -1].softmax(-1)
        train(local, die_tasks(), config, tmp_path / name, replay=REPLAY)
        with torch.no_grad():
            after = local.model(ids).logits[0, -1].softmax(-1)
        drift[name] = 0.5 * (before - after).abs().sum().item()
    assert drift["held"] < 0.3 * drift["free"]


def test_freezing_leaves_embeddings_alone(tmp_path):
    local = small_local()
    before = local.model.get_input_embeddings().weight.clone()
    train(local, die_tasks(), replace(QUICK, freeze="embeddings", steps=5), tmp_path)
    assert torch.equal(before, local.model.get_input_embeddings().weight)


def test_the_configuration_is_written_down(tmp_path):
    run(tmp_path, replace(QUICK, steps=2))
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    assert config["method"] == "match"
    assert config["steps"] == 2
    assert len(config["tasks"]) == 16


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps=0 cannot be: it must be at least 1"),
        ({"replay": 1.0}, "replay=1.0 cannot be"),
        ({"lr": -1.0}, "lr=-1.0"),
        ({"seconds": float("inf")}, "seconds=inf cannot be"),
        ({"margin": float("inf")}, "margin=inf cannot be"),
        ({"seed": -1}, "seed=-1 cannot be"),
        ({"seed": 2**32}, "seed=4294967296 cannot be"),
        ({"noise": 1.5}, "noise=1.5"),
        ({"schedule": "square"}, "schedule='square'"),
        ({"freeze": "half"}, "freeze='half'"),
        ({"replay_loss": "mse"}, "replay_loss='mse'"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(RunError, match=message):
        MatchConfig(**options)
