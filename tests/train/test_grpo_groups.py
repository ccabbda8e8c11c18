"""What is asked at each step, how processes share it, and how groups come together again."""

from types import SimpleNamespace

import pytest
from train_local import die_tasks, small_local

from evenodds.distributions import parse
from evenodds.errors import RunError
from evenodds.models.base import Decoding
from evenodds.train.grpo import GrpoConfig
from evenodds.train.grpo_gathered import gathered
from evenodds.train.grpo_groups import Generations, share
from evenodds.train.lesson import Prompts
from evenodds.train.order import Order
from evenodds.train.rewards import witness
from evenodds.train.world import World

DIE = parse("uniform(1, 6)").law
COIN = parse("weighted({1: 9, 2: 1})").law


def generations(world=World(), **options):  # noqa: B008
    config = GrpoConfig(**{"steps": 6, "batch": 2, "group": 6, **options})
    local, tasks = small_local(), die_tasks()
    prompts = [Prompts(task, local, Decoding()) for task in tasks]
    return Generations(prompts, Order([1, 1, 1], config), config, world)


def test_a_group_asks_one_prompt_as_often_as_it_is_large():
    rows = generations(noise=1.0)[0]
    assert [row["place"] for row in rows] == [0] * 6 + [1] * 6
    assert [row["rollout"] for row in rows] == [*range(6)] * 2
    assert len({(row["place"], row["task"], row["ids"]) for row in rows}) == 2


@pytest.mark.parametrize("size", [2, 3, 4, 12])
def test_processes_share_a_step_whole_groups_or_not(size):
    whole = generations()[3]
    parts = [generations(World(rank, size))[3] for rank in range(size)]
    assert [row for part in parts for row in part] == whole


def test_what_cannot_be_shared_evenly_is_refused():
    with pytest.raises(RunError, match="make group a multiple of 5"):
        share(GrpoConfig(batch=2, group=6), 3, World(0, 5))


def test_a_step_has_no_more_groups_than_there_are_tasks():
    assert len(generations(batch=50)[0]) == 3 * 6
    assert len({row["task"] for row in generations(batch=50)[0]}) == 3


@pytest.mark.parametrize(("rows", "passes"), [(256, 1), (12, 1), (11, 2), (6, 2), (5, 3), (1, 12)])
def test_a_pass_holds_at_most_so_many_rows(rows, passes):
    found = generations(rows=rows)
    assert found.share.passes == passes
    assert len(found) == 6 * passes
    assert found[0] == found[passes - 1]
    assert found[0] != found[passes]


def test_updates_share_a_generation():
    found = generations(iterations=3, checkpoint_every=3)
    assert found[0] == found[1] == found[2]
    assert found[3] != found[2]
    assert [row["step"] for row in (found[0][0], found[3][0])] == [0, 3]


def test_every_task_has_its_turn():
    found = generations(batch=1)
    assert {found[step][0]["task"] for step in range(3)} == {0, 1, 2}


def test_groups_are_judged_whole_whoever_drew_them():
    answers = [(0, 4), (0, 4), (0, None), (1, 1), (1, 1), (1, 2)]
    found = gathered(answers, [DIE, COIN], "witness", 3)
    wanted = [*witness([4, 4, None], DIE), *witness([1, 1, 2], COIN)]
    assert found.rewards == pytest.approx(wanted)
    assert found.advantages == pytest.approx(wanted)
    assert found.valid == pytest.approx(5 / 6)
    assert found.idle == 0.0


def test_idle_groups_are_counted():
    answers = [(0, 4), (0, 5), (0, 4), (0, None)]
    assert gathered(answers, [DIE], "valid", 2).idle == 0.5
    assert gathered(answers, [DIE], "group", 2).idle == 1.0


@pytest.mark.parametrize("answers", [[(0, 4), (1, 4)], [(0, 4), (0, 4), (0, 4)]])
def test_a_group_that_is_not_one_is_refused(answers):
    with pytest.raises(RunError, match="processes do not agree"):
        gathered(answers, [DIE, COIN], "witness", 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reward": "fair"}, "reward='fair' cannot be: it must be one of valid, witness"),
        ({"group": 1}, "group=1 cannot be"),
        ({"entropy": -0.1}, "entropy=-0.1"),
        ({"entropy_mode": "rising"}, "one of fixed, adaptive, decay"),
        ({"entropy_target": 0.0}, "entropy_target=0.0"),
        ({"margin": 0.1}, "margin=0.1 cannot be: it must be left out"),
        ({"iterations": 3}, "checkpoint_every=200 cannot be: it must be a multiple of iterations"),
        ({"rollouts": "vllm"}, "rollouts='vllm'"),
        ({"scale": "batch"}, "scale='batch'"),
        ({"completion": 0}, "completion=0"),
        ({"beta": -1.0}, "beta=-1.0"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(RunError, match=message):
        GrpoConfig(**options)


def test_trl_is_told_what_the_options_say():
    from pathlib import Path

    from evenodds.train.grpo_arguments import arguments
    from evenodds.train.job import Job
    from evenodds.train.run import _quiet

    local, tasks = small_local(), die_tasks()
    config = GrpoConfig(
        batch=2, group=8, rows=4, entropy=0.1, entropy_mode="adaptive", clip_high=0.3,
        completion=9, scale="none",
    )  # fmt: skip
    job = Job(local, local.model, tasks, SimpleNamespace(entropy_target=0.4), config, Path("none"))
    with _quiet():
        found = arguments(job)
    assert (found.per_device_train_batch_size, found.gradient_accumulation_steps) == (4, 4)
    assert (found.num_generations, found.steps_per_generation) == (8, 4)
    assert (found.epsilon, found.epsilon_high) == (0.2, 0.3)
    assert (found.use_adaptive_entropy, found.entropy_target) == (True, 0.4)
    assert (found.max_completion_length, found.scale_rewards) == (9, "none")
    assert (found.temperature, found.top_k, found.top_p, found.bf16) == (1.0, 0, 1.0, False)
