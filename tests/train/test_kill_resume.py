"""Killed with SIGKILL after any step and resumed, a run of any method ends in the same bytes.

A fork of this process runs and kills itself; a killed child leaves nothing but its folder.
"""

import os
import random
import signal
import time

import pytest
from train_methods import EVERY, METHODS, STEPS, run

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a run is forked and killed"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


def weights(folder):
    return (folder / "model" / "model.safetensors").read_bytes()


def killed(name, out, when, **more):
    """Run in a fork that kills itself at the first event of which `when` is true."""
    child = os.fork()
    if not child:
        try:
            run(name, out, on_event=lambda event: when(event) and _die(), **more)
        finally:
            os._exit(3)
    deadline = time.monotonic() + 120
    while not (found := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    assert os.WIFSIGNALED(found[1]), f"the run ended with {found[1]} and was not killed"
    assert os.WTERMSIG(found[1]) == signal.SIGKILL
    assert not (out / "model").exists()


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def after(step):
    return lambda event: event.kind == "step" and event.step >= step


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The weights of an uninterrupted run of each method, run when they are first asked for."""
    known = {}

    def of(name):
        if name not in known:
            out = tmp_path_factory.mktemp("whole") / name
            run(name, out)
            known[name] = weights(out)
        return known[name]

    return of


@pytest.mark.parametrize("name", METHODS)
def test_killed_between_checkpoints(tmp_path, whole, name):
    killed(name, tmp_path / "run", after(EVERY + 1))
    left = [path.name for path in (tmp_path / "run" / "checkpoints").glob("checkpoint-*")]
    assert left == [f"checkpoint-{EVERY}"]
    assert run(name, tmp_path / "run", resume=True).step == STEPS
    assert weights(tmp_path / "run") == whole(name)


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, STEPS + 1))
@pytest.mark.parametrize("name", METHODS)
def test_killed_after_any_step(tmp_path, whole, name, step):
    killed(name, tmp_path / "run", after(step))
    run(name, tmp_path / "run", resume=True)
    assert weights(tmp_path / "run") == whole(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_killed_again_and_again(tmp_path, whole, name):
    """At a checkpoint, then after steps that chance chose, each life a little longer."""
    killed(name, tmp_path / "run", lambda event: event.kind == "checkpoint")
    for step in sorted(random.Random(name).sample(range(EVERY + 1, STEPS), 2)):
        killed(name, tmp_path / "run", after(step), resume=True)
    run(name, tmp_path / "run", resume=True)
    assert weights(tmp_path / "run") == whole(name)
