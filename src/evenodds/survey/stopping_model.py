"""The readings of one model so far, and where the model stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import cast

import numpy as np

from evenodds.measure.cells import Floats
from evenodds.measure.eprocess import Share
from evenodds.measure.equivalence import Verdict
from evenodds.survey.question import SurveyQuestion
from evenodds.survey.stopping_odds import Agreement, ShownEvidence, begun
from evenodds.survey.stopping_parts import Evidence, Pair, Part, Several
from evenodds.survey.store_rows import Odds

__all__ = ["SPLIT", "Asked", "Bounds", "Standing", "parts_of"]

SPLIT = {"position": 0.1, "invalid": 0.1}
"""What each part but the marginal one has of the error of "biased"; marginal has the rest."""


@dataclass(frozen=True)
class Bounds:
    """What else a fair model keeps within: position bias (tv) and share of invalid replies.

    None leaves a part out; a verdict without both is one on the marginal alone.
    """

    position: float | None = 0.1
    invalid: float | None = 0.1


@dataclass(frozen=True)
class Standing:
    """Where a model stands after `n` readings, `valid` of them outcomes.

    `log_bias`, `log_fair`: log e-values (nats) against "within all bounds" and "beyond one".
    `part`: the one that weighs most against a biased model, or keeps an undecided one from being
    fair. `shown`: how many outcomes came with their odds; `trusted`: whether the draws agree with
    them.
    """

    verdict: Verdict
    n: int
    valid: int
    log_bias: float
    log_fair: float
    part: str
    shown: int = 0
    trusted: bool = True


def parts_of(
    question: SurveyQuestion, eps: float, bounds: Bounds, cap: int, at: float
) -> dict[str, Part]:
    """The parts of a verdict by name: "marginal", and "position", "invalid" where they are bounded.

    `at`: the e-value that decides, such as 1/alpha.
    """
    place = bounds.position if question.positions else None
    given = {"position": place, "invalid": bounds.invalid}
    weights = {name: SPLIT[name] for name, bound in given.items() if bound is not None}
    p = np.array(list(question.law.probs().values()))

    def part(p: Floats, eps: float, weight: float) -> Part:
        if len(p) == 2:
            return Pair(Share(float(p[0]), eps), cap, weight, at)
        return Several(p, eps, weight, at)

    found = {"marginal": part(p, eps, 1 - sum(weights.values()))}
    if place is not None:
        even = np.full(question.places, 1 / question.places)
        found["position"] = part(even, place, weights["position"])
    if bounds.invalid is not None:
        found["invalid"] = Pair(Share(0.0, bounds.invalid), cap, weights["invalid"], at)
    return found


class Asked:
    """A model's readings in their order: counts and e-processes. `last`: the last one's number."""

    __slots__ = ("evidence", "invalid", "last", "marginal", "n", "parts", "place", "shows", "valid")

    def __init__(self, parts: Mapping[str, Part], *, shows: bool = False) -> None:
        """`shows`: whether the model was asked to show its odds."""
        self.n = self.valid = 0
        self.last = -1
        self.parts = parts
        self.shows = Agreement() if shows else None
        found = {
            name: begun(part) if shows and name != "invalid" else part.begin()
            for name, part in parts.items()
        }
        self.evidence: tuple[Evidence, ...] = tuple(found.values())
        self.marginal = found["marginal"]
        self.place, self.invalid = found.get("position"), found.get("invalid")

    def take(self, outcome: int | None, position: int | None, odds: Odds = ()) -> None:
        """Take note of the next reading; outcome None where it is none."""
        self.n += 1
        if self.invalid is not None:
            self.invalid.add(outcome is not None)
        if outcome is None:
            return
        self.valid += 1
        if odds and self.shows is not None:
            self._show(self.shows, outcome, position, odds)
            return
        self.marginal.add(outcome)
        if self.place is not None and position is not None:
            self.place.add(position)

    def _show(self, agrees: Agreement, outcome: int, position: int | None, odds: Odds) -> None:
        """Take note of an outcome with its odds; those of the places are the same ones, turned."""
        agrees.take(outcome, position, odds)
        found = [(self.marginal, outcome, odds)]
        if self.place is not None and position is not None:
            order = (outcome - position) % len(odds)
            found.append((self.place, position, odds[order:] + odds[:order]))
        for evidence, draw, law in found:
            shown = cast(ShownEvidence, evidence)
            shown.show(draw, law)
            if agrees.broken:
                shown.distrust()

    def decided(self) -> Verdict:
        """The verdict that the e-values reach by now."""
        fair = True
        for each in self.evidence:
            if each.against():
                return "biased"
            fair = fair and each.certified()
        return "fair" if fair else "undecided"

    def standing(self, verdict: Verdict = "undecided") -> Standing:
        """Where the model stands by now."""
        each = zip(self.parts.items(), self.evidence, strict=True)
        logs = [
            (name, log(part.weight) + held.log_bias(), held.log_fair())
            for (name, part), held in each
        ]
        against, bias, _ = max(logs, key=lambda told: told[1])
        lacking, _, fair = min(logs, key=lambda told: told[2])
        part = {"biased": against, "undecided": lacking}.get(verdict, "")
        agrees = self.shows
        told = (0, True) if agrees is None else (agrees.shown, not agrees.broken)
        return Standing(verdict, self.n, self.valid, bias, fair, part, *told)
