"""What settings alone cost a perfect model, against published figures and hand-derived ones."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.distributions import Pmf, parse
from evenodds.measure.exact import measure_exact
from evenodds.measure.perfect import (
    decoded,
    perfect_outcomes,
    perfect_statistics,
    perfect_tokens,
)
from evenodds.measure.sample import measure_draws
from evenodds.models import Decoding, ordered
from evenodds.models.scripted import Scripted
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task

STATED = [  # by hand
    ("uniform(1, 100)", {"top_p": 0.95}, 0.05),
    ("uniform(1, 6)", {"top_p": 0.8}, 1 / 6),
    ("uniform(1, 100)", {"top_k": 50}, 0.5),
    ("uniform(1, 6)", {"temperature": 0}, 5 / 6),
    ("uniform(1, 6)", {"temperature": 0.3}, 0.0),
    ("coin(0.5)", {"top_p": 0.5}, 0.5),
    ("coin(0.9)", {"top_p": 0.9}, 0.1),
    ("coin(0.9)", {"min_p": 0.12}, 0.1),
    ("coin(0.9)", {"min_p": 0.11}, 0.0),
    ("weighted(a=3, b=1)", {"temperature": 0.7}, 3 ** (1 / 0.7) / (1 + 3 ** (1 / 0.7)) - 0.75),
    ("weighted(a=3, b=1)", {"temperature": 2.0}, 0.75 - 3**0.5 / (1 + 3**0.5)),
]


@pytest.mark.parametrize(("target", "settings", "tv"), STATED)
@pytest.mark.parametrize("backend", ["huggingface", "llama.cpp"])
def test_stated_costs(target, settings, tv, backend):
    found = perfect_outcomes(parse(target).law, ordered(backend, **settings))
    assert found.tv == pytest.approx(tv, abs=1e-9)
    assert math.fsum(found.law.values()) == pytest.approx(1)


def test_the_order_matters_to_a_perfect_model():
    """8:4:2:1 at temperature 4 and top_p .75: flattened first, the nucleus is wider."""
    law = parse("weighted(a=8, b=4, c=2, d=1)").law
    first = perfect_outcomes(law, Decoding(temperature=4, top_p=0.75))
    last = perfect_outcomes(law, ordered("google", temperature=4, top_p=0.75))
    assert (first.lost, last.lost) == (1, 2)
    roots = [8**0.25, 4**0.25]
    assert last.law["a"] == pytest.approx(roots[0] / sum(roots))


laws = st.dictionaries(st.integers(1, 40), st.integers(1, 9), min_size=1, max_size=12)
settings = st.fixed_dictionaries(
    {
        "temperature": st.sampled_from([0.0, 0.5, 1.0, 2.0]),
        "top_k": st.sampled_from([0, 1, 3]),
        "top_p": st.sampled_from([0.3, 0.77, 1.0]),
        "min_p": st.sampled_from([0.0, 0.3]),
    }
)


@given(weights=laws, settings=settings, backend=st.sampled_from(["hf", "llama.cpp", "vllm"]))
def test_what_remains_is_a_law_without_new_outcomes(weights, settings, backend):
    decoding = ordered(backend, **settings)
    fair = Pmf(weights).probs()
    left = decoded(fair, decoding)
    assert list(left) == list(fair) and math.fsum(left.values()) == pytest.approx(1)
    kept = sum(p > 0 for p in left.values())
    assert 1 <= kept <= (settings["top_k"] or len(fair))
    ranked = sorted(fair, key=lambda x: -fair[x])
    assert all(left[a] >= left[b] - 1e-12 for a, b in pairwise(ranked))
    if settings["temperature"] == 1:
        sums = {round(left[x] / fair[x], 9) for x in fair if left[x]}
        assert len(sums) == 1


@given(weights=laws, settings=settings)
def test_by_tokens_it_is_what_exact_measurement_finds(weights, settings):
    """The oracle: a scripted model that answers by the target itself, measured exactly."""
    decoding = Decoding(temperature=settings["temperature"] or 3.0)  # at 0, ties are anyone's
    target = parse(f"weighted({ {str(x): w for x, w in weights.items()} })")
    task = Task("Pick one.", target)
    fair = Scripted("fair", target.law.pmf())
    perfect = perfect_tokens(task, fair, decoding)
    found = measure_exact(fair, task, decoding, tolerance=0)
    assert found.model_pmf == pytest.approx({str(x): p for x, p in perfect.law.items()}, abs=1e-9)
    assert found["tv"] == pytest.approx(perfect.tv, abs=1e-9)


def test_temperature_on_tokens_is_none_on_outcomes():
    """uniform(1, 10) in characters: "1" is worth two of ten, so a low temperature favours it."""
    task = Task("1 to 10.", parse("uniform(1, 10)"))
    scorer = Scripted("any", Pmf.uniform(range(1, 11)))
    cold = Decoding(temperature=0.5)
    assert perfect_outcomes(task.law, cold).tv == pytest.approx(0)
    by_tokens = perfect_tokens(task, scorer, cold)
    # first characters: 1 has 2/10, eight others 1/10; squared 4 and 1; then "end" or "0" evenly
    assert by_tokens.law[1] == by_tokens.law[10] == pytest.approx(2 / 12)
    assert by_tokens.law[7] == pytest.approx(1 / 12)
    assert by_tokens.tv == pytest.approx(2 * (2 / 12 - 1 / 10))


def test_recorded_beside_what_was_measured():
    task = Task("Roll.", parse("uniform(1, 6)"), AnswerFormat("tag"))
    fair = Scripted("fair", Pmf.uniform([f"<answer>{face}</answer>" for face in range(1, 7)]))
    cut = Decoding(top_k=3)
    assert measure_exact(fair, task, cut)["tv_perfect"] == pytest.approx(0.5)
    assert measure_draws(fair, task, 20, cut)["tv_perfect"] == pytest.approx(0.5)
    assert perfect_statistics(task, Decoding(), fair) == {}
    assert "tv_perfect" not in measure_exact(fair, task).statistics
    huge = Task("Shuffle.", parse("sequence(coin(0.5), 200)"))
    assert perfect_statistics(huge, cut, fair) == {}
