"""What a survey may spend, in all and on each model: reserved before a call, settled after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum

from evenodds.survey.store_rows import PARTS, parts_of_cap

__all__ = ["Fits", "Purse"]


class Fits(Enum):
    """Whether a call fits the caps: yes, not while others are under way, or never again."""

    YES = "yes"
    LATER = "later"
    NEVER = "never"


class Purse:
    """Settled and reserved together never exceed a cap, in whole billionths of a dollar.

    `cap` bounds all, `cap_per_model` each model; None bounds nothing. `spent` is what was spent
    before. For one event loop: what is reserved here still has to be written to the ledger before
    the call is made. Raises BudgetError for a cap that is none.

    >>> purse = Purse(1.0, None)
    >>> purse.fits("a", PARTS), purse.reserve("a", PARTS), purse.fits("b", 1)
    (<Fits.YES: 'yes'>, None, <Fits.LATER: 'later'>)
    >>> purse.settle("a", PARTS, PARTS // 2); purse.spent_dollars, purse.fits("b", PARTS)
    (0.5, <Fits.NEVER: 'never'>)
    """

    def __init__(
        self,
        cap: float | None,
        cap_per_model: float | None,
        spent: Mapping[str, int] | None = None,
    ) -> None:
        self.cap = None if cap is None else parts_of_cap(cap)
        self.cap_per_model = None if cap_per_model is None else parts_of_cap(cap_per_model)
        self._spent: dict[str, int] = defaultdict(int, spent or {})
        self._held: dict[str, int] = defaultdict(int)
        self._all_spent = sum(self._spent.values())
        self._all_held = 0

    def fits(self, model: str, worst: int) -> Fits:
        """Whether a call that costs `worst` parts at worst fits the caps."""
        pairs = (
            (self.cap, self._all_spent, self._all_held),
            (self.cap_per_model, self._spent[model], self._held[model]),
        )
        if any(cap is not None and spent + worst > cap for cap, spent, _ in pairs):
            return Fits.NEVER
        if any(cap is not None and spent + held + worst > cap for cap, spent, held in pairs):
            return Fits.LATER
        return Fits.YES

    def reserve(self, model: str, worst: int) -> None:
        """Set aside what a call costs at worst."""
        self._held[model] += worst
        self._all_held += worst

    def settle(self, model: str, worst: int, cost: int) -> None:
        """Count what a call really cost in place of what was set aside for it."""
        self._held[model] -= worst
        self._all_held -= worst
        self._spent[model] += cost
        self._all_spent += cost

    @property
    def spent_dollars(self) -> float:
        """What finished calls cost."""
        return self._all_spent / PARTS

    @property
    def held_dollars(self) -> float:
        """What calls under way may cost at worst."""
        return self._all_held / PARTS
