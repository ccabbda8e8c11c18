"""Parts of bias: unbiased by enumeration, and equal to the balanced design's where there is one."""

from itertools import product

import numpy as np
import pytest

from evenodds.measure.prompting.components import split
from evenodds.survey.analysis.components import components
from evenodds.survey.analysis.tables import CellFacts, Table

FAIR = np.array([0.5, 0.5])


def table(cells, cell, outcome, position=None, *, places=0, target=FAIR, models=("m",), model=None):
    n = len(cell)
    none, free = np.zeros(n, dtype=np.int64), np.zeros(n)
    return Table(
        "q",
        tuple(map(str, range(len(target)))),
        target,
        models,
        cells,
        none if model is None else np.array(model),
        np.arange(n),
        np.array(cell),
        none,
        np.array(outcome),
        none - 1 if position is None else np.array(position),
        free,
        free,
        places,
    )


def test_every_part_is_unbiased_over_all_samples() -> None:
    """Two cells, three draws each: the mean over all 2^6 samples is the truth."""
    p = (0.8, 0.4)
    cells = (CellFacts("a", "f1", "l1", 0), CellFacts("b", "f2", "l1", 1))
    at = [0, 0, 0, 1, 1, 1]
    sums = np.zeros(3)
    for outcome in product((0, 1), repeat=6):
        chance = np.prod([p[c] if o == 0 else 1 - p[c] for c, o in zip(at, outcome, strict=True)])
        places = [(o - cells[c].order) % 2 for c, o in zip(at, outcome, strict=True)]
        (found,) = components(table(cells, at, outcome, places, places=2))
        sums += chance * np.array([found.within, found.marginal, found.position])
    # Numbers in cells are fixed here, so pairs of draws of all cells weigh 2/5 within, 3/5 across.
    within = (0.3**2 + 0.1**2) / 2
    across = 0.3 * -0.1
    assert sums[0] == pytest.approx(within)
    assert sums[1] == pytest.approx(0.4 * within + 0.6 * across)
    assert sums[2] == pytest.approx(0.4 * within + 0.6 * 0.3 * 0.1)


def test_within_is_the_inner_part_of_a_balanced_design() -> None:
    rng = np.random.default_rng(0)
    f, sets, k, m = 3, 2, 3, 4
    target, cells, at, outcome = np.full(k, 1 / k), [], [], []
    q = np.zeros((f, sets, k, k))
    for phrasing, labels, order in product(range(f), range(sets), range(k)):
        law = rng.dirichlet(np.ones(k))
        drawn = rng.choice(k, size=m, p=law)
        q[phrasing, labels, order] = np.bincount(drawn, minlength=k) / m
        at += [len(cells)] * m
        outcome += drawn.tolist()
        cells.append(CellFacts(str(len(cells)), str(phrasing), str(labels), order))
    (found,) = components(table(tuple(cells), at, outcome, target=target))
    wanted = split(q, target, np.full((f, sets, k), float(m)))
    assert found.within == pytest.approx(wanted.unbiased("total") - wanted.unbiased("invalid"))


def test_a_model_that_names_the_first_option_is_biased_within_prompts_only() -> None:
    rng = np.random.default_rng(1)
    cells = (CellFacts("a", "f", "l", 0), CellFacts("b", "f", "l", 1))
    at = rng.integers(0, 2, 400)
    (found,) = components(table(cells, at, at.copy(), np.zeros(400, dtype=np.int64), places=2))
    assert found.bias("within") == pytest.approx(0.5)
    assert found.bias("position") == pytest.approx(0.5)
    assert found.bias("marginal") < 0.1


def test_parts_of_several_models_do_not_mix() -> None:
    cells = (CellFacts("a"),)
    both = table(cells, [0] * 6, [0, 0, 0, 0, 1, 1], models=("x", "y"), model=[0, 0, 0, 1, 1, 1])
    alone = table(cells, [0] * 3, [0, 1, 1])
    assert components(both)[1].marginal == components(alone)[0].marginal
    assert components(both)[0].marginal == pytest.approx(0.25)


def test_too_few_draws_say_nothing() -> None:
    (found,) = components(table((CellFacts("a"),), [0], [1]))
    assert found.marginal is None
    assert found.bias("within") is None
