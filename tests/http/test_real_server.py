"""The embedded model behind a real OpenAI-compatible server, that of transformers itself."""

import pytest
from served_tiny import SAMPLES, greedy_copy
from served_tiny import served as serving

from evenodds.distributions import parse
from evenodds.errors import ModelError
from evenodds.measure.bounds import measure_bounds
from evenodds.measure.one import measure_task
from evenodds.models import Decoding, Kept, Turn, load_model
from evenodds.tasks.task import Task

pytestmark = pytest.mark.slow
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

DIE = Task("Roll a die.", parse("uniform(1, 6)"))
SHORT = Decoding(max_new_tokens=8)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = greedy_copy(tmp_path_factory.mktemp("served") / "die")
    with serving(folder) as url:
        yield url, folder


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def opened(served, **options):
    url, folder = served
    return load_model(str(folder), endpoint=url, concurrency=2, **options)


def test_left_to_itself_it_is_greedy(served):
    """At P(4) of about .8, a hundred and fifty draws are all fours with less than 1e-9."""
    replies = opened(served).draw(DIE.prompt, 150, SHORT, seed=0)
    assert len(set(replies)) == 1


def test_it_draws_what_the_weights_say_when_it_is_told_to_draw(served, tmp_path):
    """Seeded per call at best. The share of fours lies within 6.2 standard errors: < 1e-9."""
    exact = measure_task(load_model("tiny"), DIE, SHORT)
    kept = Kept(opened(served, extra=SAMPLES), tmp_path / "replies.jsonl")
    n = 100
    found = measure_task(kept, DIE, SHORT, n=n)
    share = exact.model_pmf["4"]
    assert found.masses["support"] > 0.9
    assert abs(found.model_pmf["4"] - share) <= 6.2 * (share * (1 - share) / n) ** 0.5 + 1 / n
    again = measure_task(Kept.read(kept.path), DIE, SHORT, n=n)
    assert again.counts == found.counts


def test_it_answers_in_a_conversation(served):
    turns = [Turn("user", DIE.prompt), Turn("assistant", "4"), Turn("user", "Roll it again.")]
    [reply] = opened(served).say(turns, 1, SHORT, seed=0)
    assert reply.text.strip() and reply.raw["choices"]


def test_it_ignores_the_wish_for_log_probabilities(served):
    with pytest.raises(ModelError, match="shows no log-probabilities"):
        measure_bounds(opened(served), DIE, SHORT)
