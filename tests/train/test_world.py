"""Several processes: shares add up to the whole, errors are told once, strategies hold or fail.

What needs real processes is in test_torchrun.py.
"""

import random
import socket
from fractions import Fraction
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from train_local import die_tasks, small_local

from evenodds.errors import ModelError, RunError
from evenodds.models.base import Decoding
from evenodds.train import strategy
from evenodds.train.forward import Forward, edge_loss
from evenodds.train.match import METHOD, MatchConfig
from evenodds.train.methods import METHODS, method
from evenodds.train.order import Order
from evenodds.train.peers import in_company
from evenodds.train.replay import Exchange, replay_rows
from evenodds.train.steps import Steps, replayed
from evenodds.train.world import World


@given(st.lists(st.integers()), st.integers(1, 6))
def test_shares_are_the_whole(things, size):
    shares = [World(rank, size).share(things) for rank in range(size)]
    assert sorted(thing for share in shares for thing in share) == sorted(things)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


class Scales:
    """Lessons whose rows weigh 1: what is left are the scales that `Steps` gives."""

    def row(self, rng, noise=0.0):
        from evenodds.train.rows import Row

        return Row((1, 2), (), (), ((-1, 3, 1.0),), 0.5)


@given(st.integers(1, 12), st.integers(1, 12))
def test_the_mean_over_shares_weighs_every_row_alike(batch, size):
    if batch < size:
        return
    config = MatchConfig(batch=batch, steps=2)
    order, lessons = Order([1] * 5, config), [Scales()] * 5
    weights, entropy, drawn = [], Fraction(0), []
    for rank in range(size):
        step = Steps(lessons, order, config, "paths", World(rank, size))[1]
        weights += (step["tasks"]["weight"] / size).tolist()
        entropy += Fraction(step["entropy"]) / size
        drawn += step["drawn"]
    assert weights == pytest.approx([1 / batch] * batch)
    assert float(entropy) == pytest.approx(0.5)
    assert sorted(drawn) == sorted(Steps(lessons, order, config, "paths")[1]["drawn"])


REPLAY = [Exchange("Say hi.", "hi"), Exchange("2+2", "4"), Exchange("Name a pet.", "cat")]


@pytest.fixture(scope="module")
def local():
    return small_local()


def gradient(local, losses):
    """The gradient of the mean of the losses, as DDP makes it."""
    local.model.zero_grad()
    (sum(losses) / len(losses)).backward()
    return torch.cat([p.grad.flatten() for p in local.model.parameters()])


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("layout", ["tree", "paths"])
def test_the_mean_of_the_shares_gradients_is_the_gradient_of_the_whole(local, size, layout):
    config = MatchConfig(batch=5, noise=0.5, steps=4, replay_rows=2)
    tasks = die_tasks()
    lessons = METHOD.prepare(local, tasks, Decoding(), config)
    rows = replay_rows(REPLAY, local, Decoding())
    order, forward = Order([1] * len(tasks), config), Forward(local.model)

    def loss(world, step=1):
        batch = Steps(lessons, order, config, layout, world)[step]["tasks"]
        again = replayed(rows, step, config, layout, world)
        taught = edge_loss(forward.logprobs(local.model, batch), batch)
        if again is None:
            return 0.7 * taught
        return 0.7 * taught + 0.3 * edge_loss(forward.logprobs(local.model, again), again)

    whole = gradient(local, [loss(World())])
    parts = gradient(local, [loss(World(rank, size)) for rank in range(size)])
    assert (whole - parts).abs().max() < 1e-5 * whole.abs().max()
    twice = gradient(local, [loss(World()), loss(World(), 2)])  # another step is another gradient
    assert (whole - twice).abs().max() > 1e-2 * whole.abs().max()


@pytest.mark.parametrize("layout", ["tree", "paths"])
@pytest.mark.parametrize("size", [1, 3])
def test_one_pass_of_tasks_and_replay_gives_the_laws_of_two(local, layout, size):
    config = MatchConfig(batch=5, noise=0.5, replay_rows=2)
    lessons = METHOD.prepare(local, die_tasks(), Decoding(), config)
    rows = replay_rows(REPLAY, local, Decoding())
    order, forward = Order([1] * len(lessons), config), Forward(local.model)
    for rank in range(size):
        world = World(rank, size)
        both = Steps(lessons, order, config, layout, world, replay=rows)[3]
        alone = {
            "tasks": Steps(lessons, order, config, layout, world)[3]["tasks"],
            "replay": replayed(rows, 3, config, layout, world),
        }
        assert ("replay" in both) == (alone["replay"] is not None)
        for name in {"tasks", "replay"} & both.keys():
            for part in ("node", "token", "weight"):
                assert torch.equal(both[name][part], alone[name][part])
            with torch.no_grad():
                one, other = (
                    forward.logprobs(local.model, b[name])[: 1 + b[name]["node"].max()]
                    for b in (both, alone)
                )
            assert torch.allclose(one, other, atol=1e-5)


def test_replay_rows_fewer_than_processes_leave_some_without(local):
    rows = replay_rows(REPLAY, local, Decoding())
    config = MatchConfig(replay_rows=1)
    found = [replayed(rows, 0, config, "paths", World(rank, 3)) for rank in range(3)]
    assert [batch is None for batch in found] == [False, True, True]


def test_logits_of_some_places_are_those_of_all(local):
    from evenodds.train.collate import collate

    config = MatchConfig(batch=3)
    lessons = METHOD.prepare(local, die_tasks(), Decoding(), config)
    batch = collate([lesson.row(random.Random(0)) for lesson in lessons], "tree")
    some, all_ = Forward(local.model), Forward(local.model)
    all_.gathers = False
    assert some.gathers
    with torch.no_grad():
        few, every = some.logprobs(local.model, batch), all_.logprobs(local.model, batch)
    assert torch.allclose(few, every, atol=1e-5)
    assert not local.model.get_output_embeddings()._forward_pre_hooks


def test_fewer_prompts_than_processes_are_refused():
    World(0, 3).has_work(3)
    with pytest.raises(RunError, match="batch=2 leaves some of 3 processes without a prompt"):
        World(0, 3).has_work(2)


def test_the_launcher_tells_the_world(monkeypatch):
    assert World.here() == World(0, 1)
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert World.here() == World(1, 4)
    assert not World.here().first


def test_alone_everything_is_agreed():
    world = World()
    assert world.agreed("so") == "so"
    assert world.anyones(None) is None
    assert world.anyones("interrupted") == "interrupted"
    assert world.speaks()
    world.wait()
    world.leave()


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_of_several_processes_one_tells_an_error(monkeypatch, port):
    from torch.distributed import TCPStore

    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", str(port))
    store = TCPStore("127.0.0.1", port, is_master=True)
    assert [World(rank, 3).speaks() for rank in (2, 0, 1)] == [True, False, False]
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert [World(rank, 3).speaks() for rank in (0, 1, 2)] == [True, False, False]
    del store


def test_where_nobody_can_be_asked_every_process_tells(monkeypatch):
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    assert World(1, 2).speaks()


def test_a_lost_process_is_an_error_and_other_errors_stay(monkeypatch):
    gone = "[gloo/transport/tcp/pair.cc:547] Connection closed by peer [127.0.0.1]:1234"
    with pytest.raises(RuntimeError, match="gloo"), in_company():
        raise RuntimeError(gone)
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RunError, match="another of the 2 processes ended"), in_company():
        raise RuntimeError(gone)
    with pytest.raises(RuntimeError, match="shapes"), in_company():
        raise RuntimeError("shapes differ")


def config(**more):
    return MatchConfig(**{"average": 0.0, **more})


@pytest.mark.parametrize(
    ("options", "size", "on_cpu", "message"),
    [
        ({"strategy": "ddp"}, 1, True, "is for several processes and this is one"),
        ({"strategy": "fsdp"}, 1, False, "is for several processes and this is one"),
        ({"strategy": "fsdp"}, 2, True, "strategy='fsdp' needs a GPU for every process"),
        ({"strategy": "fsdp", "average": 0.9}, 2, False, "give --average 0"),
        ({"strategy": "fsdp", "replay_loss": "kl"}, 2, False, "--replay-loss ce, or --lora"),
        ({"strategy": "fsdp", "replay_rows": 1}, 2, False, "give --set replay_rows=2 or more"),
    ],
)
def test_strategies_that_cannot_be(options, size, on_cpu, message):
    with pytest.raises(RunError, match=message):
        strategy.possible(config(**options), World(0, size), on_cpu=on_cpu)


def test_methods_that_ask_the_model_in_each_process_are_not_for_fsdp():
    for name in METHODS:
        options = method(name).config(strategy="fsdp", average=0.0)
        wanted = "rollouts=generate" if name == "grpo" else "take one of match, sft"
        if name in strategy.SHARDED and name != "grpo":
            strategy.possible(options, World(0, 2), on_cpu=False)
            continue
        with pytest.raises(RunError, match=wanted):
            strategy.possible(options, World(0, 2), on_cpu=False)
    options = method("grpo").config(strategy="fsdp", average=0.0, rollouts="generate")
    strategy.possible(options, World(0, 2), on_cpu=False)


def test_strategies_that_can_be(monkeypatch):
    monkeypatch.delenv("ACCELERATE_USE_FSDP", raising=False)
    strategy.possible(config(), World(), on_cpu=True)
    strategy.possible(config(strategy="ddp", average=0.9), World(0, 2), on_cpu=True)
    strategy.possible(config(strategy="fsdp"), World(0, 2), on_cpu=False)
    strategy.possible(config(strategy="fsdp", replay_loss="kl", lora=4), World(0, 2), on_cpu=False)
    assert strategy.arguments(config(strategy="fsdp"))["fsdp"] is True
    assert "fsdp" not in strategy.arguments(config())


def test_accelerates_configuration_counts_as_asked(monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert strategy.asked(config()) == "fsdp"
    with pytest.raises(RunError, match="needs a GPU for every process"):
        strategy.possible(config(), World(0, 2), on_cpu=True)
    with pytest.raises(RunError, match="leave one of them out"):
        strategy.possible(config(strategy="ddp"), World(0, 2), on_cpu=False)
    assert "fsdp" not in strategy.arguments(config(strategy="fsdp"))  # accelerate says how


def accelerator(kind, *, second=True):
    device = SimpleNamespace(type="cuda")
    name = SimpleNamespace(name=kind)
    return SimpleNamespace(distributed_type=name, num_processes=2, device=device, is_fsdp2=second)


def test_what_is_in_force_is_compared_with_what_was_asked():
    strategy.check(config(), accelerator("MULTI_CPU"))
    strategy.check(config(strategy="ddp"), accelerator("MULTI_GPU"))
    strategy.check(config(strategy="fsdp"), accelerator("FSDP"))
    with pytest.raises(RunError, match="strategy='fsdp' was asked for and ddp is in force"):
        strategy.check(config(strategy="fsdp"), accelerator("MULTI_CPU"))
    with pytest.raises(RunError, match="strategy='ddp' was asked for and deepspeed is in force"):
        strategy.check(config(strategy="ddp"), accelerator("DEEPSPEED"))
    with pytest.raises(RunError, match="fsdp_version: 2"):
        strategy.check(config(strategy="fsdp"), accelerator("FSDP", second=False))


def test_a_strategy_that_cannot_be_leaves_no_folder(tmp_path, local):
    from evenodds.train.run import train

    with pytest.raises(RunError, match="torchrun"):
        train(local, die_tasks(), config(strategy="ddp"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="tells of machines without a GPU")
def test_each_process_of_a_machine_takes_its_own_gpu(monkeypatch):
    from evenodds.models.local_open import chosen_device

    monkeypatch.setenv("LOCAL_RANK", "3")
    assert chosen_device("cpu") == "cpu"
    assert chosen_device(None) == "cpu"
    with pytest.raises(ModelError, match="cuda:3"):
        chosen_device("cuda")
