"""A model that only answers is a `Sampler`, is no `Scorer`, and can be measured by draws."""

import pytest
from sampler_laws import SamplerLaws

from evenodds.distributions import Pmf, parse
from evenodds.measure.sample import measure_draws
from evenodds.models.base import Decoding, Reply, Scorer
from evenodds.models.scripted import Scripted
from evenodds.tasks.task import Task

LAW = Pmf({"1": 3, "2": 2, "six": 1})


class Answers:
    """Strings in, strings out, as an endpoint is."""

    name = "answers"

    def draw(self, prompt: str, n: int, decoding: Decoding, seed: int) -> list[Reply]:
        return Scripted("hidden", LAW).draw(prompt, n, decoding, seed)


class TestAnswers(SamplerLaws):
    @pytest.fixture
    def sampler(self) -> Answers:
        return Answers()

    @pytest.fixture
    def prompt(self) -> str:
        return "Roll a die."


def test_it_is_measured_by_draws_and_is_no_scorer() -> None:
    found = measure_draws(Answers(), Task("Roll a die.", parse("uniform(1, 6)")), 60, seed=2)
    assert not isinstance(Answers(), Scorer)
    assert found.method == "draws" and found.n == 60 and found.masses["support"] == 1.0
