"""What watches a run: the drift guard, runs that fall apart, the margin, and loggers."""

import copy
import json
import math
from dataclasses import replace

import pytest
import torch
from train_local import die_tasks, small_local

from evenodds.errors import RunError
from evenodds.models.base import Decoding
from evenodds.train import match_trainer
from evenodds.train.control import Control
from evenodds.train.divergence import FAR, FIRST, PATIENCE, Divergence
from evenodds.train.drift import Drift
from evenodds.train.events import read_metrics
from evenodds.train.loggers import loggable
from evenodds.train.match import MatchConfig
from evenodds.train.probe import probe
from evenodds.train.replay import Exchange
from evenodds.train.run import train

PLAIN = Decoding()
QUICK = MatchConfig(
    steps=40, batch=3, lr=1e-2, warmup=2, noise=0.0, replay_rows=3, log_every=5,
    probe_every=10, checkpoint_every=10, average=0.5, nodes=64,
)  # fmt: skip
MANNERS = [Exchange("Say hi.", "hi"), Exchange("2+2", "4"), Exchange("Name a pet.", "cat")]


@pytest.fixture(scope="module")
def mannered(tmp_path_factory):
    """A small model that answers a few ordinary instructions rightly."""
    local, folder = small_local(), tmp_path_factory.mktemp("mannered")
    train(local, die_tasks(), replace(QUICK, steps=120, replay=0.7), folder, replay=MANNERS)
    return local


def watched(mannered, out, config, replay=(), **more):
    """A run on a copy of the model, with its probe; what it returned, and its events."""
    local = copy.deepcopy(mannered)
    paths = [
        (local.context(e.prompt, PLAIN), local.spell(e.prompt, e.reply, PLAIN)) for e in MANNERS
    ]
    seen = probe(local, die_tasks(), PLAIN, 2, Control(local, paths))
    trained = train(local, die_tasks(), config, out, replay=replay, probe=seen, **more)
    return trained, read_metrics(out / "metrics.jsonl")


HARSH = replace(QUICK, steps=60, lr=3e-2, replay=0.0, schedule="constant")


def drifted(events):
    return [e for e in events if e.kind == "warning" and "ordinary" in e.values["says"]]


def controls(events):
    return [event.values["control"] for event in events if event.kind == "probe"]


def test_without_replay_the_guard_stops_a_run_that_drifts(mannered, tmp_path):
    trained, events = watched(mannered, tmp_path, replace(HARSH, guard="stop"))
    found = controls(events)
    assert found[0] > 0.8
    assert found[-1] < found[0] - 0.05
    assert trained.reason == "drift"
    assert trained.step < HARSH.steps
    assert (trained.model / "model.safetensors").exists()
    warnings = [event.values for event in events if event.kind == "warning"]
    assert [event.values["reason"] for event in events if event.kind == "stop"] == ["drift"]
    assert len(warnings) == 1
    assert warnings[0]["says"] == trained.says
    assert f"from {found[0]:.2f} to {found[-1]:.2f}" in trained.says
    assert all(word in trained.says for word in ("--replay 0.3", "--lr 0.01", "--lora"))


def test_a_guard_that_warns_does_so_once_and_goes_on(mannered, tmp_path):
    trained, events = watched(mannered, tmp_path / "warn", replace(HARSH, guard="warn"))
    assert trained.reason == "steps"
    assert len(drifted(events)) == 1
    off, told = watched(mannered, tmp_path / "off", replace(HARSH, guard="off"))
    assert off.says == ""
    assert not drifted(told)
    assert controls(told) == controls(events)


def test_with_replay_the_guard_is_silent(mannered, tmp_path):
    config = replace(QUICK, lr=5e-3, replay=0.5, guard="stop")
    trained, events = watched(mannered, tmp_path, config, MANNERS)
    assert trained.reason == "steps"
    assert trained.says == ""
    assert min(controls(events)) > controls(events)[0] - 0.05


def test_each_crossing_is_said_once():
    drift = Drift(replace(QUICK, drop=0.1))
    said = [drift.see(value) for value in (0.9, 0.85, 0.7, 0.6, 0.85, 0.75, None, 0.95)]
    assert [bool(each) for each in said] == [False, False, True, False, False, True, False, False]
    again = Drift(replace(QUICK, drop=0.1))
    again.restore(json.loads(json.dumps(drift.state())))
    assert again.see(0.79)


def test_a_loss_that_is_no_number_ends_the_run_and_writes_no_model(mannered, tmp_path, monkeypatch):
    calls = []

    def broken(logprob, batch, divergence):
        calls.append(1)
        return logprob.mean() * (math.nan if len(calls) > 15 else -1e-3)

    monkeypatch.setattr(match_trainer, "task_loss", broken)
    with pytest.raises(RunError, match=r"no longer a number at step 16.*--lr .*checkpoint-10"):
        watched(mannered, tmp_path, replace(QUICK, replay=0.0))
    assert not (tmp_path / "model").exists()
    assert [c.name for c in (tmp_path / "checkpoints").iterdir()] == ["checkpoint-10"]
    last = read_metrics(tmp_path / "metrics.jsonl")[-1]
    assert (last.kind, last.step, last.values["reason"]) == ("stop", 16, "diverged")


def test_weights_that_are_no_numbers_are_never_written(mannered, tmp_path, monkeypatch):
    """The loss of a step is known before its weights: the last step's may break unseen."""
    whole = match_trainer.MatchTrainer.compute_loss

    def spoilt(self, model, inputs, *rest, **more):
        loss = whole(self, model, inputs, *rest, **more)
        if self.state.global_step == 9:
            loss.register_hook(lambda gradient: gradient * math.nan)
        return loss

    monkeypatch.setattr(match_trainer.MatchTrainer, "compute_loss", spoilt)
    with pytest.raises(RunError, match="weights are no longer numbers at step 10"):
        watched(mannered, tmp_path, replace(QUICK, steps=10, replay=0.0))
    assert not (tmp_path / "model").exists()
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_a_learning_rate_far_too_high_is_named(mannered, tmp_path):
    with pytest.raises(RunError, match=r"the loss rose from .* 0\.9 is too high here"):
        watched(mannered, tmp_path, replace(HARSH, lr=0.9, probe_every=0))
    assert not (tmp_path / "model").exists()


def test_a_loss_may_be_high_for_a_while_and_where_tasks_grow_harder():
    for levels, batches, broken in (
        ("all", PATIENCE - 1, False),
        ("all", PATIENCE, True),
        ("rising", 200, False),
    ):
        seen = Divergence(replace(QUICK, levels=levels))
        for _ in range(FIRST):
            seen.see(1.0, 1.0)
        for _ in range(batches):
            seen.see(9.0, 2.1 + FAR)
        seen.see(1.0, 1.9 + FAR)
        assert bool(seen.why) is broken
    assert seen.ended(7.0) is None


def test_a_run_that_ends_above_its_beginning_says_so():
    seen = Divergence(QUICK)
    for _ in range(FIRST):
        seen.see(2.0, 2.0)
    assert seen.ended(2.9) is None
    assert "ended 3.5 nats above its least value and began 2 above" in seen.ended(3.5)


@pytest.mark.parametrize("margin", [0.2, 0.02])
def test_the_margin_ends_a_run_at_the_targets_entropy(mannered, tmp_path, margin):
    """The loss minus its floor is KL(target, model), which bounds tv (Pinsker)."""
    config = replace(QUICK, steps=2000, margin=margin, schedule="constant", log_every=1, lr=5e-3)
    trained, events = watched(mannered, tmp_path, config, MANNERS)
    steps = [event.values for event in events if event.kind == "step"]
    excess = [values["loss"] - values["entropy"] for values in steps]
    assert trained.reason == "margin"
    assert 10 <= trained.step < 1000
    running, weight = 0.0, 0.0
    means = []
    for each in excess:
        running, weight = 0.9 * running + 0.1 * each, 0.9 * weight + 0.1
        means.append(running / weight)
    assert means[-1] <= margin
    assert min(means[9:-1], default=math.inf) > margin
    last = [event.values for event in events if event.kind == "probe"][-1]
    assert last["tv"] <= math.sqrt(2 * margin / 2)


def test_tensorboard_gets_every_number_that_the_record_has(mannered, tmp_path, monkeypatch):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    monkeypatch.chdir(tmp_path)
    config = replace(QUICK, steps=17, report_to="tensorboard")
    _, events = watched(mannered, tmp_path / "run", config, MANNERS)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    found = accumulator.EventAccumulator(str(tmp_path / "run" / "logs"))
    found.Reload()
    wanted = {}
    for event in events:
        if event.kind in ("step", "probe"):
            for name, value in loggable(event.kind, event.values).items():
                wanted.setdefault(f"train/{name}", {})[event.step] = value
    assert {"train/probe/tv", "train/probe/control", "train/step/loss"} < wanted.keys()
    assert wanted["train/probe/tv"].keys() == {0, 10, 17}
    for tag, values in wanted.items():
        told = {point.step: point.value for point in found.Scalars(tag)}
        assert told == pytest.approx(values, rel=1e-6), tag


def test_names_that_loggers_can_take():
    values = {"tv": 0.5, "tv:train": 0.5, "p:4": 0.1, "p:$5": 0.2, "p:a b": 0.3, "reason": "steps"}
    assert loggable("probe", values) == {
        "probe/tv": 0.5,
        "probe/tv/train": 0.5,
        "probe/p/4": 0.1,
        "probe/p/a b": 0.3,
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [("abacus", "there is no logger 'abacus'.*tensorboard"), ("wandb", "'wandb' cannot be used")],
)
def test_a_logger_that_cannot_be_is_refused_before_anything_is_written(tmp_path, name, message):
    if name == "wandb":
        try:
            import wandb  # noqa: F401
        except ImportError:
            pass
        else:
            pytest.skip("wandb is installed")
    with pytest.raises(RunError, match=message):
        train(small_local(), die_tasks(), replace(QUICK, report_to=name), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_resumed_run_remembers_where_it_began(mannered, tmp_path):
    """The control before training is that of the first run, whatever the resumed one finds."""
    count = []
    local = copy.deepcopy(mannered)

    def falling():
        count.append(1)
        return {"control": 0.9 if len(count) == 1 else 0.8}

    def stop(event):
        if event.kind == "step" and event.step == 15:
            raise KeyboardInterrupt

    config = replace(QUICK, replay=0.0, guard="stop", drop=0.05, probe_every=20)
    with pytest.raises(KeyboardInterrupt):
        train(local, die_tasks(), config, tmp_path, probe=falling, on_event=stop)
    local = copy.deepcopy(mannered)
    again = train(local, die_tasks(), config, tmp_path, probe=falling, resume=True)
    assert (again.reason, again.step) == ("drift", 20)
    assert torch.isfinite(next(local.model.parameters())).all()
