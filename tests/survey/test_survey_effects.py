"""Effects of traits: those that are there are found, those that are not are not, beyond alpha."""

import numpy as np
import pytest

from evenodds.survey.analysis.covariate_matrix import Column, Matrix, matrix
from evenodds.survey.analysis.regression import naive, regression
from evenodds.survey.analysis.tails import tails
from evenodds.survey.model_info import Covariate, ModelInfo

MODELS, ORGANISATIONS = 240, 60


def world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, Matrix]:
    """Models of one organisation are alike, and so are their traits, which mean nothing."""
    organisation = np.arange(MODELS) % ORGANISATIONS
    common = rng.uniform(0, 0.5, ORGANISATIONS)[organisation]
    bias = np.where(rng.random(MODELS) < 0.5, common, rng.uniform(0, 0.5, MODELS))
    n = rng.integers(20, 200, MODELS)
    k = rng.binomial(n, 0.5 + bias)
    x = np.c_[
        (rng.random(ORGANISATIONS) < 0.3)[organisation],
        rng.random(MODELS) < 0.15,
        rng.normal(0, 0.5, ORGANISATIONS)[organisation] + rng.normal(0, 0.3, MODELS),
    ].astype(float)
    columns = tuple(Column(name, name, MODELS, 9) for name in ("org", "own", "size"))
    return k, n, bias, Matrix(x - x.mean(axis=0), columns, organisation, {})


def test_null_traits_are_found_no_more_often_than_alpha() -> None:
    """40 worlds x 3 traits at .05: 6 expected; 22 or more has probability below 1e-6."""
    plain = simple = findings = 0
    for seed in range(40):
        k, n, _, found = world(np.random.default_rng(seed))
        effects = regression(abs(k / n - 0.5), found, seed=seed, flips=199).effects
        plain += sum(effect.p_value <= 0.05 for effect in effects)
        findings += any(effect.finding for effect in effects)
        simple += int((naive(k, n, found.x) <= 0.05).sum())
    assert plain < 22
    assert findings < 12
    assert simple > 60


def test_a_true_effect_is_found_and_its_interval_holds_it() -> None:
    rng = np.random.default_rng(0)
    _, _, _, found = world(rng)
    tv = 0.25 - 0.1 * found.x[:, 1] + rng.normal(0, 0.1, MODELS)
    effect = regression(tv, found).effects[1]
    assert effect.finding
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < -0.1 < effect.high < 0
    assert effect.estimate == pytest.approx(
        np.linalg.lstsq(np.c_[np.ones(MODELS), found.x], tv, rcond=None)[0][2]
    )


def test_an_interval_ends_where_the_p_value_is_alpha() -> None:
    rng = np.random.default_rng(1)
    _, _, _, found = world(rng)
    tv = 0.25 + 0.05 * found.x[:, 2] + rng.normal(0, 0.1, MODELS)
    end = regression(tv, found, flips=399).effects[2].high
    assert end is not None
    shifted = regression(tv - (end + 0.002) * found.x[:, 2], found, flips=399).effects[2]
    inside = regression(tv - (end - 0.002) * found.x[:, 2], found, flips=399).effects[2]
    assert shifted.p_value <= 0.05 < inside.p_value


def test_too_few_models_or_organisations_say_nothing() -> None:
    few = Matrix(np.ones((5, 1)), (Column("a", "a", 5, 2),), np.arange(5), {})
    assert "too few" in regression(np.ones(5), few).why_not
    bare = Matrix(np.ones((50, 0)), (), np.arange(50), {})
    assert "no contrast" in regression(np.ones(50), bare).why_not


def test_columns_are_centred_and_the_unknown_stand_at_the_mean() -> None:
    infos = {
        f"o{i}/m": ModelInfo(
            f"o{i}/m",
            f"o{i}",
            covariates={
                "billions": Covariate(10.0 ** (i % 3), "file"),
                **({"reasoning": Covariate(i < 5, "file")} if i < 9 else {}),
                **({"coding": Covariate(True, "file")} if i == 0 else {}),
            },
        )
        for i in range(12)
    }
    found = matrix(list(infos), infos, ("size", "reasoning", "coding"))
    assert [column.name for column in found.columns] == ["size", "reasoning"]
    assert found.x[:9, 1].sum() == pytest.approx(0)
    assert found.x[9:, 1].tolist() == [0, 0, 0]
    assert found.x[:3, 0].tolist() == pytest.approx([-1, 0, 1])
    assert "needed" in found.left_out["coding"]
    assert found.organisations == 12


def test_tails_make_null_traits_significant_and_effects_large() -> None:
    found = tails(worlds=120, seed=1)
    assert found.false_tails > found.false_all > 0.2
    assert found.chance_tails > 2 * found.chance_all
    assert found.found_tails > 2 * found.effect > found.found_all
