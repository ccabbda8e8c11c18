"""When a model has been asked enough: biased, fair within eps, or undecided at the cap.

A verdict has three parts, each an e-process of its own over the same draws (`measure.eprocess` for
two outcomes, `measure.dirichlet` and `measure.setwise` for more):

- marginal: tv between the law of the valid answers, averaged over the cells, and the target <= eps;
- position: tv between the law of the places answered and the uniform one <= bounds.position (only
  where every order is asked: a model that always names the first option has no marginal bias);
- invalid: the share of replies that are no outcome <= bounds.invalid.

*fair* rejects three nulls, "this part lies beyond its bound", and each must fall: its e-value is
the least of the three, an e-process for their union, and the error needs no split. *biased* rejects
the null "every part lies within its bound": its e-value is the greatest of weight x e-value over
the parts, at most their weighted mean and so an e-process; the weights split the error, .1 for
position and .1 for invalid, the rest for marginal (`SPLIT`). Where its null holds, an e-value ever
reaches 1/alpha with probability at most alpha (Ville 1939).

Rule "per_model" stops at 1/alpha: each model's errors are at most alpha, and nothing more is
claimed of many models together. Rule "e_bh" keeps the false discovery rate, of "biased" and of
"fair" each, at alpha (Wang & Ramdas 2022): a model stops when its e-value reaches m/alpha, or when
the e-BH set of a look at all models holds it. A look is taken when all models have come to the same
number of readings (`looks`); what the set holds stays as it stood, so the set can only grow.
Rule "e_bh_all" does the same for the false share of all verdicts together (`multiple.e_bh_pairs`).
Fair models are a small part of a survey, so that "e_bh" asks of their few verdicts e-values of
m / (k alpha), and certifies hardly one of 240 in 1,500 readings; "e_bh_all" certifies nearly all
that "per_model" does, and claims less: the wrong verdicts may all be among the fair ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import log
from types import MappingProxyType
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import ArrayLike

from evenodds.errors import DrawsError, RunError
from evenodds.measure.certification import certify_n
from evenodds.measure.equivalence import Verdict, check_levels
from evenodds.measure.operating import MINIMUM
from evenodds.survey.question import SurveyQuestion
from evenodds.survey.stopping_looks import Course, Looks, looks
from evenodds.survey.stopping_model import SPLIT, Asked, Bounds, Standing, parts_of
from evenodds.survey.store_rows import Odds

__all__ = ["CAP", "SPLIT", "Bounds", "Rule", "Standing", "Stopper", "looks"]

CAP = 1500

Rule = Literal["per_model", "e_bh", "e_bh_all"]


class ReadingLike(Protocol):
    """What a verdict rests on of a `Reading`."""

    @property
    def outcome(self) -> int | None:
        """The index of the outcome; None for an invalid reply."""

    @property
    def position(self) -> int | None:
        """The place that it stood at."""

    @property
    def odds(self) -> Odds:
        """The odds that it came with; empty where none were shown."""


class Stopper:
    """Decides, model by model, when a question needs no further call.

    `eps` bounds the marginal tv, `bounds` the other parts; `alpha` bounds the errors that `rule`
    controls (see the module). No verdict falls before `minimum` readings, and `cap` ends a model.
    `models`: how many models are asked, all of which count unless "per_model". `showing` names
    those that are asked to show their odds, with which fewer draws decide (see `stopping_odds`).

    What is decided depends on each model's readings in the order of their numbers alone, which is
    the order they must be shown in, whatever other models' came between; one that comes after the
    verdict changes nothing.
    Raises DrawsError for levels outside 0..1, for an `eps` that no answers exceed, and for a cap,
    minimum or number of models below 1.
    """

    def __init__(
        self,
        question: SurveyQuestion,
        eps: float = 0.05,
        alpha: float = 0.05,
        *,
        minimum: int = MINIMUM,
        cap: int = CAP,
        bounds: Bounds = Bounds(),  # noqa: B008  frozen
        rule: Rule = "per_model",
        models: int = 1,
        showing: Collection[str] = (),
    ) -> None:
        _check(eps, alpha, bounds)
        furthest = float(1 - min(question.law.probs().values()))
        if eps >= furthest > 0:
            raise DrawsError(
                f"eps is {eps:g}, and no answers to {question.name!r} are further from its law "
                f"than {furthest:g}: give less, or every model would be fair"
            )
        if min(minimum, cap, models) < 1 or rule not in get_args(Rule):
            raise DrawsError(
                f"minimum={minimum}, cap={cap}, models={models}, rule={rule!r}: give numbers of 1 "
                f"or more and one of the rules {', '.join(get_args(Rule))}"
            )
        self.question, self.eps, self.alpha, self.bounds = question, eps, alpha, bounds
        self.minimum, self.cap, self.rule, self.models = min(minimum, cap), cap, rule, models
        m = 1 if rule == "per_model" else models
        self.enough = log(m / alpha)
        self.showing = frozenset(showing)
        self.parts = parts_of(question, eps, bounds, cap, m / alpha)
        self._looks = None
        if rule != "per_model":
            self._looks = Looks(m, alpha, minimum, cap, pooled=rule == "e_bh_all")
        self._asked: dict[str, Asked] = {}
        self._courses: dict[str, Course] = {}

    def see(self, model: str, i: int, reading: ReadingLike) -> None:
        """Take note of reading `i` of a model; numbers rise, and may leave out calls that failed.

        Raises RunError for a number that does not rise, and for one model more than `models` where
        they are looked at together.
        """
        asked = self._asked.get(model) or self._begin(model)
        course = self._courses[model]
        if course.end is not None or asked.n >= self.cap:
            return
        if i <= asked.last:
            raise RunError(
                f"Reading {i} of {model} came after {asked.last}: show each once, in order."
            )
        asked.last = i
        odds = reading.odds if self.showing else ()
        self._take(asked, course, reading.outcome, reading.position, odds)

    def see_many(
        self,
        model: str,
        i: ArrayLike,
        kinds: ArrayLike,
        outcomes: ArrayLike,
        positions: ArrayLike,
        *,
        odds: Mapping[int, Odds] = MappingProxyType({}),
    ) -> int:
        """Take note of many readings in order, arrays of equal length, -1 for none.

        `odds`: number of a reading -> the odds that it came with, where it came with any.
        Returns how many were seen until the model was done. `kinds` are not needed: an outcome of
        -1 is an invalid reply. Errors are those of `see`.
        """
        asked = self._asked.get(model) or self._begin(model)
        course, numbers = self._courses[model], np.asarray(i)
        if len(numbers) and (numbers[0] <= asked.last or np.any(np.diff(numbers) <= 0)):
            raise RunError(f"Readings of {model} do not rise in number: show each once, in order.")
        pairs = zip(_plain(outcomes), _plain(positions), strict=True)
        for seen, (outcome, position) in enumerate(pairs):
            if course.end is not None or asked.n >= self.cap:
                return seen
            asked.last = int(numbers[seen])
            self._take(
                asked,
                course,
                None if outcome < 0 else outcome,
                None if position < 0 else position,
                odds.get(asked.last, ()),
            )
        return len(numbers)

    def drop(self, model: str) -> None:
        """Give a model up as it stands: it is not asked again, and no look waits for it."""
        asked = self._asked.get(model) or self._begin(model)
        course = self._courses[model]
        if course.end is None:
            self._end(course, asked.standing())

    def verdict(self, model: str) -> Verdict:
        """The verdict; "undecided" as long as there is none, and for good at the cap."""
        course = self._courses.get(model)
        return "undecided" if course is None or course.end is None else course.end.verdict

    def done(self, model: str) -> bool:
        """Whether the model need not be asked again."""
        asked = self._asked.get(model)
        if asked is None:
            return False
        return self._courses[model].end is not None or asked.n >= self.cap

    def waits(self, model: str) -> bool:
        """Whether the model has come to a look that others have not: asking it now may be wasted.

        Never in "per_model". Asking it all the same changes no verdict.
        """
        course = self._courses.get(model)
        return self._looks is not None and course is not None and course.passed > self._looks.now

    def standing(self, model: str) -> Standing:
        """Where the model stands: at its verdict if it has one."""
        asked = self._asked.get(model)
        if asked is None:
            return Asked(self.parts).standing()
        return self._courses[model].end or asked.standing()

    def log_e(self, model: str) -> tuple[float, float]:
        """Log e-values (nats) against "within all bounds" and "beyond one", at the verdict."""
        stands = self.standing(model)
        return stands.log_bias, stands.log_fair

    @property
    def fixed_n(self) -> int | None:
        """Draws a model of the one fixed design that certifies a fair sampler within eps.

        With probability .95 at level alpha, on the marginal alone; None where that takes more than
        1e8. Saved calls are told by it.
        """
        p = np.array(list(self.question.law.probs().values()))
        return certify_n(p, self.eps, alpha=self.alpha)

    def _begin(self, model: str) -> Asked:
        if self._looks is not None:
            if len(self._courses) == self.models:
                raise RunError(
                    f"{model} is one model more than the {self.models} that the rule {self.rule} "
                    "was told of: tell it how many are asked."
                )
            self._looks.courses.append(course := Course())
        else:
            course = Course()
        self._courses[model] = course
        self._asked[model] = asked = Asked(self.parts, shows=model in self.showing)
        return asked

    def _take(
        self, asked: Asked, course: Course, outcome: int | None, position: int | None, odds: Odds
    ) -> None:
        asked.take(outcome, position, odds)
        if asked.n < self.minimum:
            return
        found = asked.decided()
        if found != "undecided":
            self._end(course, asked.standing(found))
        elif self._looks is not None and asked.n == self._looks.next_of(course):
            self._looks.came(course, asked.standing())

    def _end(self, course: Course, standing: Standing) -> None:
        course.end = standing
        if self._looks is not None:
            self._looks.ended(course, standing)


def _plain(numbers: ArrayLike) -> list[int]:
    return [*np.asarray(numbers, dtype=np.int64).tolist()]


def _check(eps: float, alpha: float, bounds: Bounds) -> None:
    check_levels(eps, alpha)
    for bound in (bounds.position, bounds.invalid):
        if bound is not None:
            check_levels(bound, alpha)
