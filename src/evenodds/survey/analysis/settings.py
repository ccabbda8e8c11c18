"""What an analysis of a survey was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from evenodds.errors import DrawsError
from evenodds.measure.equivalence import check_levels
from evenodds.measure.operating import MINIMUM
from evenodds.survey.analysis.covariate_matrix import CONTRASTS

__all__ = ["ARTICLE", "Settings"]

ARTICLE = ("size", "roleplay", "coding", "reasoning", "mixture")
"""The contrasts that the coin article names."""


@dataclass(frozen=True)
class Settings:
    """What an analysis was asked for: see `Stopper` for eps, alpha, minimum and bounds.

    `top`: how many models "among the first" means; `contrasts`: names of `CONTRASTS`. Raises
    DrawsError for levels outside 0..1 and for a contrast that is none.
    """

    eps: float = 0.05
    alpha: float = 0.05
    minimum: int = MINIMUM
    position: float | None = 0.1
    invalid: float | None = 0.1
    top: int = 20
    contrasts: tuple[str, ...] = ARTICLE
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be analysed."""
        check_levels(self.eps, self.alpha)
        if strange := [name for name in self.contrasts if name not in CONTRASTS]:
            raise DrawsError(f"{strange[0]!r} is no contrast: give some of {', '.join(CONTRASTS)}")
        if self.top < 1:
            raise DrawsError(f"top={self.top} names no models: give 1 or more")
