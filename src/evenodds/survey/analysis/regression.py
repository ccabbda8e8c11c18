"""Which traits of models go with bias, without further libraries: least squares, judged by signs.

The response is the shrunken tv of each model. If a trait has nothing to do with bias, its mean is
the same with and without the trait, whatever the numbers of draws, because a posterior mean is on
average the truth. Models of one organisation are alike, so organisations are what is independent:
the residuals of the fit without the trait get random signs, one an organisation, and t, with
errors clustered by organisation, is judged by its law under them: the restricted wild cluster
bootstrap (Cameron, Gelbach & Miller 2008), and intervals are the effects that it does not reject.
Taking each model as independent, or each draw, finds traits that mean nothing (see `naive`).

What it can do: say whether a trait goes with more or less bias, by how much tv, with error at most
about alpha. What it cannot: tell a cause; tell an effect on the spread of bias from one on its mean
direction (`regression_bayes` does); see traits that only a few organisations have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.covariate_matrix import Column, Matrix

__all__ = ["Effect", "Regression", "naive", "regression"]

FLIPS = 999
FEWEST_MODELS, FEWEST_ORGANISATIONS = 20, 8
WIDEST, HALVINGS = 1.0, 20


@dataclass(frozen=True)
class Effect:
    """What one step of a contrast goes with: a difference in tv, with interval and p-value.

    `low`, `high`: interval at 1 - alpha, None where it has no end within 1. `p_adjusted`: Holm's,
    over all contrasts. `finding`: whether it is at most alpha. `carriers`: the effective number of
    organisations on whose models the contrast rests.
    """

    name: str
    words: str
    estimate: float
    low: float | None
    high: float | None
    p_value: float
    p_adjusted: float
    finding: bool
    known: int
    having: int
    carriers: float


@dataclass(frozen=True)
class Regression:
    """Effects of the named contrasts on tv, and what was left out and why.

    `why_not` is empty, or says why there are none.
    """

    effects: tuple[Effect, ...]
    left_out: Mapping[str, str]
    models: int
    organisations: int
    alpha: float
    why_not: str = ""

    def to_json(self) -> dict[str, Any]:
        """The regression as JSON values."""
        return asdict(self)


def regression(
    tv: Floats, found: Matrix, *, alpha: float = 0.05, seed: int = 0, flips: int = FLIPS
) -> Regression:
    """Effects on tv (M,) of the columns of a matrix of the same M models."""
    many, columns = len(tv), found.columns
    shape = (found.left_out, many, found.organisations, alpha)
    if why := _too_few(many, found.organisations, len(columns)):
        return Regression((), *shape, why)
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], size=(flips, found.organisations))
    each = [_Score.of(tv, found, at, signs) for at in range(len(columns))]
    p_values = [score.p_value(0.0) for score in each]
    adjusted = _holm(p_values)
    return Regression(
        tuple(
            _effect(column, score, (p, p_all), alpha)
            for column, score, p, p_all in zip(columns, each, p_values, adjusted, strict=True)
        ),
        *shape,
    )


def _too_few(models: int, organisations: int, columns: int) -> str:
    if not columns:
        return "no contrast is known of enough models"
    if models < FEWEST_MODELS or organisations < FEWEST_ORGANISATIONS:
        return (
            f"{models} models of {organisations} organisations are too few; "
            f"{FEWEST_MODELS} of {FEWEST_ORGANISATIONS} are needed"
        )
    return ""


def _effect(column: Column, score: _Score, p_values: tuple[float, float], alpha: float) -> Effect:
    low, high = (score.end(side, alpha) for side in (-1, 1))
    return Effect(
        column.name,
        column.words,
        score.estimate,
        low,
        high,
        *p_values,
        p_values[1] <= alpha,
        column.known,
        column.having,
        score.carriers,
    )


@dataclass(frozen=True)
class _Score:
    """Evidence of one column, organisation by organisation, and what random signs make of it.

    `s`, `h` (G,): sums over organisations of own part x response and of own part^2, the own part
    being what the other columns and the mean do not tell. With the effect b under test the scores
    are s - b h. `flipped`: the two sums under each of F sign vectors, (F,) each; `spread`: the
    scores that a refit leaves after the same signs, (F + 1, G) each, the first row as observed.
    """

    s: Floats
    h: Floats
    flipped: tuple[Floats, Floats]
    spread: tuple[Floats, Floats]

    @classmethod
    def of(cls, tv: Floats, found: Matrix, at: int, signs: Floats) -> _Score:
        others = np.c_[np.ones(len(tv)), np.delete(found.x, at, axis=1)]
        own, away = _rest(found.x[:, at], others), _rest(tv, others)
        design = np.c_[others, found.x[:, at]]
        member = np.eye(found.organisations)[found.organisation]
        every = np.vstack([np.ones(found.organisations), signs])
        left = [every @ _refit_scores(own, part, design, member).T for part in (away, own)]
        s, h = member.T @ (own * away), member.T @ own**2
        return cls(s, h, (every @ s, every @ h), (left[0], left[1]))

    @property
    def estimate(self) -> float:
        whole = float(self.h.sum())
        return float(self.s.sum()) / whole if whole > 1e-12 else 0.0

    @property
    def carriers(self) -> float:
        """(sum h)^2 / sum h^2: organisations if all weigh alike."""
        square = float((self.h**2).sum())
        return float(self.h.sum()) ** 2 / square if square > 0 else 0.0

    def p_value(self, effect: float) -> float:
        """Share of sign flips whose t is as far from 0, the one observed counting as one."""
        sums = self.flipped[0] - effect * self.flipped[1]
        errors = np.sqrt(((self.spread[0] - effect * self.spread[1]) ** 2).sum(axis=1))
        t = abs(sums) / np.maximum(errors, 1e-12)
        return float((t >= t[0] * (1 - 1e-9)).mean())

    def end(self, side: int, alpha: float) -> float | None:
        """The farthest effect on one side that is not rejected; None beyond 1 in tv."""
        if self.p_value(self.estimate + side * WIDEST) > alpha:
            return None
        kept, refused = 0.0, WIDEST
        for _ in range(HALVINGS):
            middle = (kept + refused) / 2
            inside = self.p_value(self.estimate + side * middle) > alpha
            kept, refused = (middle, refused) if inside else (kept, middle)
        return self.estimate + side * kept


def _refit_scores(own: Floats, part: Floats, design: Floats, member: Floats) -> Floats:
    """Scores (G, G) of organisation g after a refit to the residuals of organisation h alone."""
    alone = member * part[:, None]
    return np.asarray(member.T @ (own[:, None] * _rest(alone, design)))


def _rest(y: Floats, x: Floats) -> Floats:
    return np.asarray(y - x @ np.linalg.lstsq(x, y, rcond=None)[0])


def _holm(p_values: list[float]) -> list[float]:
    """Holm's (1979) step-down adjusted p-values, in the given order."""
    order, running = np.argsort(p_values), 0.0
    adjusted = [1.0] * len(p_values)
    for rank, at in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = running
    return adjusted


def naive(k: Floats, n: Floats, x: Floats) -> Floats:
    """p-values of a plain binomial regression of counts k of n on columns x (M, C): what not to do.

    It takes every draw as independent given the traits, so the spread between models, of which
    there is much, counts as evidence: traits that mean nothing come out "significant".
    """
    from scipy.special import erfc

    design = np.c_[np.ones(len(k)), x]
    beta = np.zeros(design.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-design @ beta))
        weight = np.maximum(n * p * (1 - p), 1e-9)
        information = design.T @ (weight[:, None] * design)
        step = np.linalg.pinv(information) @ (design.T @ (k - n * p))
        beta = beta + step
        if abs(step).max() < 1e-9:
            break
    z = beta / np.sqrt(np.maximum(np.diag(np.linalg.pinv(information)), 1e-12))
    return np.asarray(erfc(abs(z[1:]) / np.sqrt(2)))
