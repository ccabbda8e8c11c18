"""The named contrasts between models as columns of numbers, and who belongs to whom.

A contrast is left out, with the reason, where too few models are known on either side. A model
whose value is unknown stands at the mean of those known, so that it tells nothing of that contrast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log10

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.survey.analysis.tables import Ints
from evenodds.survey.listing import organisation_of
from evenodds.survey.model_info import ModelInfo, Value

__all__ = ["CONTRASTS", "Column", "Matrix", "matrix", "organisation"]

CONTRASTS: Mapping[str, tuple[str, str]] = {
    "size": ("billions", "ten times larger"),
    "roleplay": ("roleplay", "tuned for role-play"),
    "coding": ("coding", "tuned for coding"),
    "reasoning": ("reasoning", "thinks before it answers"),
    "mixture": ("mixture", "mixture of experts, not dense"),
    "open_weights": ("open_weights", "open weights"),
    "released": ("released", "released a year later"),
}
"""Contrast -> covariate, and what one step of it is; the first five are the coin article's."""

FEWEST = 3
"""Models that must be known on either side of a contrast."""
DAYS = 365.25


@dataclass(frozen=True)
class Column:
    """One contrast: its name, what one step is, how many models are known, how many have it.

    `having` counts models with the trait, of a number those above the median.
    """

    name: str
    words: str
    known: int
    having: int


@dataclass(frozen=True)
class Matrix:
    """Centred columns x (M, C), what each is, the organisation of each model (M,) as an index.

    `left_out`: contrast -> why it is not among the columns.
    """

    x: Floats
    columns: tuple[Column, ...]
    organisation: Ints
    left_out: Mapping[str, str]

    @property
    def organisations(self) -> int:
        """How many organisations there are."""
        return int(self.organisation.max(initial=-1)) + 1


def matrix(
    models: Sequence[str],
    infos: Mapping[str, ModelInfo],
    contrasts: Sequence[str] = tuple(CONTRASTS),
) -> Matrix:
    """The columns of the named contrasts for these models."""
    columns, values, left_out = [], [], dict[str, str]()
    for name in contrasts:
        covariate, words = CONTRASTS[name]
        found = np.array([_number(infos.get(model), covariate) for model in models])
        known = ~np.isnan(found)
        high = known & (found > np.median(found[known])) if known.any() else known
        high = known & (found > 0) if covariate in _TRAITS else high
        low = known & ~high
        if why := _too_few(int(high.sum()), int(low.sum())):
            left_out[name] = why
            continue
        columns.append(Column(name, words, int(known.sum()), int(high.sum())))
        values.append(np.where(known, found - found[known].mean(), 0.0))
    x = np.array(values).T if values else np.zeros((len(models), 0))
    return Matrix(x, tuple(columns), _organisations(models, infos), left_out)


_TRAITS = {"roleplay", "coding", "reasoning", "mixture", "open_weights"}


def _too_few(high: int, low: int) -> str:
    if min(high, low) >= FEWEST:
        return ""
    return f"known of {high} models with and {low} without it, {FEWEST} of each are needed"


def _number(info: ModelInfo | None, covariate: str) -> float:
    value: Value | None = None if info is None else info.value(covariate)
    if value is None:
        return float("nan")
    if covariate == "billions":
        return log10(float(value))
    if covariate == "released":
        return date.fromisoformat(str(value)[:10]).toordinal() / DAYS
    return float(value)


def _organisations(models: Sequence[str], infos: Mapping[str, ModelInfo]) -> Ints:
    names = [organisation(model, infos) for model in models]
    return np.asarray(np.unique(np.array(names), return_inverse=True)[1], dtype=np.int64)


def organisation(model: str, infos: Mapping[str, ModelInfo]) -> str:
    """Whose a model is: as stated, else by its id; a model that tells neither is its own."""
    info = infos.get(model)
    stated = None if info is None else info.value("organisation") or info.organisation
    return str(stated or organisation_of(model) or model)
