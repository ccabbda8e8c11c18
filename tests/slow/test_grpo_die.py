"""GRPO on the article's die, with the embedded model: which arms end fair, and which do not."""

import pytest

from evenodds.measure.exact import measure_exact
from evenodds.models.load import load_model
from evenodds.tasks.suite import load_suite
from evenodds.train.grpo import GrpoConfig
from evenodds.train.run import train

pytestmark = pytest.mark.slow


def ended(tmp_path, **options):
    """(mean tv of the last ten probes, CPU seconds): the policy itself, every spelling counted."""
    local, task, events = load_model("tiny"), load_suite("die").tasks[0], []
    config = GrpoConfig(**{
        "steps": 200, "average": 0.0, "completion": 16, "probe_every": 10, "preflight": "off",
        "checkpoint_every": 10**6, **options,
    })  # fmt: skip

    def probe():
        return {"tv": float(measure_exact(local, task)["tv"])}

    done = train(local, [task], config, tmp_path / "run", probe=probe, on_event=events.append)
    last = [event.values["tv"] for event in events if event.kind == "probe"][-10:]
    return sum(last) / len(last), done.seconds


def test_without_a_bonus_the_favourite_stays(tmp_path):
    assert ended(tmp_path, reward="valid")[0] > 0.6


@pytest.mark.parametrize(
    "options",
    [{"reward": "witness"}, {"reward": "valid", "entropy": 0.2}],
    ids=["witness", "bonus"],
)
def test_a_witness_and_a_bonus_make_it_fair(tmp_path, options):
    tv, seconds = ended(tmp_path, **options)
    assert tv < 0.06
    assert seconds < 40


def test_a_bonus_unloads_a_loaded_coin_and_a_witness_does_not(tmp_path):
    """Stated weights: the bonus pulls to uniform, the witness to the target."""
    from evenodds.distributions import parse
    from evenodds.models.base import Decoding
    from evenodds.tasks.task import Task

    task = Task("Roll a loaded die. Number only.", parse("weighted({1: 9, 6: 1})"))

    def tv_after(**options):
        local = load_model("tiny")
        config = GrpoConfig(steps=200, completion=8, preflight="off", probe_every=0, **options)
        name = str(options["reward"])
        train(local, [task], config, tmp_path / name)
        return float(measure_exact(local, task, Decoding())["tv"])

    assert tv_after(reward="witness") < 0.06
    assert tv_after(reward="valid", entropy=0.2) > 0.2
