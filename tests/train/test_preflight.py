"""What is said before GRPO starts, against models whose law is given."""

import math

import pytest
from train_local import die_tasks, small_local

from evenodds.distributions import Pmf, parse
from evenodds.errors import RunError
from evenodds.models.base import Decoding
from evenodds.models.scripted import Scripted
from evenodds.tasks.task import Task
from evenodds.train.grpo import GrpoConfig, prepare
from evenodds.train.grpo_idle import idle_chance
from evenodds.train.preflight import GROUPS, MOST, preflight
from evenodds.train.rewards import REWARDS

DIE = Task("Roll a die.", parse("uniform(1, 6)"))
LOADED = Task("Roll a loaded die.", parse("weighted({1: 3, 2: 1})"))
MANY = Task("Pick a number from 1 to 999.", parse("uniform(1, 999)"))
FAVOURITE = "weighted({'1': 1, '2': 1, '3': 2, '4': 15, '6': 1})"
WITH_ERRORS = "weighted({'1': 2, '4': 16, 'no idea': 2})"
PLAIN = Decoding()


def model(law):
    return Scripted("scripted", lambda prompt: parse(law).law)


class Sampled:
    """A model that draws and knows no probability."""

    def __init__(self, law):
        self.known, self.name = model(law), "sampled"

    def draw(self, prompt, n, decoding, seed):
        return self.known.draw(prompt, n, decoding, seed)


def test_numbers_of_a_model_with_a_favourite():
    found = preflight(model(FAVOURITE), [DIE], PLAIN, 8, "valid")
    shares = [1 / 20, 1 / 20, 2 / 20, 15 / 20, 1 / 20]
    assert found.valid == pytest.approx(1)
    assert found.entropy == pytest.approx(-sum(p * math.log(p) for p in shares))
    assert found.target_entropy == pytest.approx(math.log(6))
    assert (found.idle, found.idle_exact) == (1.0, pytest.approx(1.0))
    assert (found.groups, found.tasks) == (GROUPS, 1)


def test_invalid_answers_are_one_more_outcome():
    found = preflight(model(WITH_ERRORS), [DIE], PLAIN, 8, "valid")
    assert found.valid == pytest.approx(0.9)
    assert found.entropy == pytest.approx(-sum(p * math.log(p) for p in (0.1, 0.8, 0.1)))


def test_probabilities_with_too_much_unknown_are_not_called_exact():
    nonsense = {f"word {i}": 1 for i in range(3000)}
    scattered = Scripted("scattered", Pmf({"4": 27000, **nonsense}))
    found = preflight(scattered, [DIE], PLAIN, 8, "valid")
    assert found.idle_exact is None
    assert found.valid == pytest.approx(0.9, abs=0.08)


@pytest.mark.parametrize("reward", sorted(REWARDS))
@pytest.mark.parametrize("law", [FAVOURITE, WITH_ERRORS])
def test_drawn_and_exact_shares_agree(reward, law):
    """A binomial share of 64 groups: 5.5 standard errors fail by chance about once in 1e7 runs."""
    found = preflight(model(law), [DIE], PLAIN, 4, reward, seed=3)
    policy = {"1": 0.1, "4": 0.8} if law == WITH_ERRORS else {"1": 0.05, "2": 0.05, "3": 0.1}
    if law == FAVOURITE:
        policy |= {"4": 0.75, "6": 0.05}
    exact = idle_chance(reward, {int(x): p for x, p in policy.items()}, DIE.law, 4)
    assert found.idle_exact == pytest.approx(exact, abs=1e-6)
    error = math.sqrt(exact * (1 - exact) / GROUPS)
    assert abs(found.idle - exact) <= 5.5 * error + 1e-9


def test_a_model_without_probabilities_is_drawn_from():
    found = preflight(Sampled(WITH_ERRORS), [DIE], PLAIN, 8, "valid")
    assert found.idle_exact is None
    assert found.valid == pytest.approx(0.9, abs=0.08)
    assert 0 < found.idle < 1


@pytest.mark.parametrize(
    ("law", "task", "arm", "learns", "words"),
    [
        (FAVOURITE, DIE, ("valid", 0.0), False, "every answer is valid and rewarded alike"),
        (FAVOURITE, DIE, ("valid", 0.1), True, "there the entropy bonus alone acts"),
        (FAVOURITE, LOADED, ("valid", 0.1), False, "pulls to uniform, and some targets are not"),
        (WITH_ERRORS, DIE, ("valid", 0.0), False, "no more than to be valid"),
        (FAVOURITE, DIE, ("group", 0.0), False, "no gradient ever"),
        (FAVOURITE, DIE, ("group", 0.1), False, "so the entropy bonus alone acts"),
        (FAVOURITE, DIE, ("witness", 0.0), True, "100.0% of groups of 8 move the policy"),
        ("weighted({'what': 1})", DIE, ("witness", 0.0), False, "next to nothing to reinforce"),
        ("uniform(4, 4)", DIE, ("witness", 0.0), False, "tries next to one answer alone"),
        ("uniform(1, 2)", LOADED, ("gapo", 0.0), True, "gapo pulls to uniform"),
        (
            "uniform(1, 999)",
            MANY,
            ("gapo", 0.0),
            False,
            "comes twice",
        ),
    ],
)
def test_what_is_said(law, task, arm, learns, words):
    reward, bonus = arm
    found = preflight(model(law), [task], PLAIN, 8, reward, entropy=bonus)
    assert words in found.says
    assert found.learns is learns


def test_many_tasks_are_looked_at_evenly():
    tasks = [Task(f"Roll die {i}.", parse("uniform(1, 6)")) for i in range(200)]
    asked, seeds = [], []

    class Asked(Sampled):
        def draw(self, prompt, n, decoding, seed):
            asked.append(prompt)
            seeds.append(seed)
            return super().draw(prompt, n, decoding, seed)

    found = preflight(Asked(FAVOURITE), tasks, PLAIN, 4, "valid")
    assert (found.tasks, found.groups) == (MOST, GROUPS)
    assert len(set(asked)) == len(set(seeds)) == MOST
    assert asked[0] == tasks[0].prompt


def test_a_large_target_is_drawn():
    task = Task("Ten flips.", parse("sequence(coin(0.5), 20)"))
    found = preflight(model("uniform(1, 6)"), [task], PLAIN, 4, "valid")
    assert found.idle_exact is None


def test_a_run_may_refuse_to_start_where_there_is_nothing_to_learn_from():
    local, tasks = small_local(), die_tasks()
    config = GrpoConfig(reward="group", group=4, completion=4, preflight="stop")
    with pytest.raises(RunError, match=r"no gradient ever.*preflight=tell"):
        prepare(local, tasks[:1], PLAIN, config)


def test_rollouts_come_from_the_policy_itself():
    local, tasks = small_local(), die_tasks()
    with pytest.raises(RunError, match="leave temperature"):
        prepare(local, tasks, Decoding(temperature=0.7), GrpoConfig(preflight="off"))
