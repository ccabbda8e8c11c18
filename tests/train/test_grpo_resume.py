"""Killed with SIGKILL and resumed, GRPO's own state is taken up too: coefficients, reference."""

import os
import signal

import pytest
from test_kill_resume import after, killed, weights
from train_methods import EVERY, STEPS, run

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a run is forked and killed"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]

ADAPTIVE = {"entropy": 0.3, "entropy_mode": "adaptive", "entropy_target": 5.42, "iterations": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ADAPTIVE,
        {"entropy": 0.3, "entropy_mode": "decay", "reward": "valid"},
        {"beta": 0.5, "entropy": 0.1},
        {"rows": 3, "group": 6},
        {"rollouts": "generate", "rows": 4},
    ],
    ids=["adaptive", "decay", "reference", "passes", "generate"],
)
@pytest.mark.parametrize("step", [EVERY + 1, STEPS - 1])
def test_the_same_weights(tmp_path, options, step):
    run("grpo", tmp_path / "whole", **options)
    killed("grpo", tmp_path / "killed", after(step), **options)
    assert run("grpo", tmp_path / "killed", resume=True, **options).step == STEPS
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_ctrl_c_within_a_generation_waits_for_its_end(tmp_path):
    """Two updates a generation; asked during the third step, the run stops after the fourth."""

    def ask(event):
        if event.kind == "step" and event.step == 2:
            signal.raise_signal(signal.SIGINT)

    run("grpo", tmp_path / "whole")
    stopped = run("grpo", tmp_path / "stopped", on_event=ask, checkpoint_every=6)
    assert (stopped.reason, stopped.step) == ("interrupted", 4)
    assert run("grpo", tmp_path / "stopped", resume=True, checkpoint_every=6).step == STEPS
    assert weights(tmp_path / "stopped") == weights(tmp_path / "whole")
