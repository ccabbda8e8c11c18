"""A paid reply, read as what it is: an outcome, or one of six ways of being none.

Reading is a pure function of the question, the cell and the reply, so it can be done again from the
raw replies at any time, without paying.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from evenodds.measure.lists.reading import Read, Unread
from evenodds.models.base import Reply
from evenodds.survey.odds import odds_of
from evenodds.survey.question import SurveyCell, SurveyQuestion
from evenodds.survey.store_rows import Odds
from evenodds.tasks.answer import Answer, OffSupport, Refused
from evenodds.tasks.thought import spoken

__all__ = ["KINDS", "READER", "Kind", "Reading", "read"]

READER = 1
"""The version of `read`, to be raised when it comes to read any reply otherwise: ledgers are then
read anew from what they keep."""

Kind = Literal["outcome", "off_support", "malformed", "refused", "filtered", "truncated", "empty"]

KINDS: tuple[Kind, ...] = (
    "outcome",
    "off_support",
    "malformed",
    "refused",
    "filtered",
    "truncated",
    "empty",
)
"""`outcome`; one answer of the right shape that the law does not know; no answer or several (or a
list of another length); declined by the model; withheld by a filter; cut by the length limit (or a
thought that never ended); nothing said."""

_SHORT = 64
_MOST_KEPT = 4096


@dataclass(frozen=True)
class Reading:
    """What a reply is: `kind`, and for an outcome its index in the question's law.

    `position`: where it stands in the order shown, from 0; None where the question has no order
    that would tell position from outcome. `items`: the draws of a list as indices of labels.
    `odds`: those that it was drawn with, where its endpoint shows them (see `odds`).
    """

    kind: Kind
    outcome: int | None = None
    position: int | None = None
    text: str = ""
    items: tuple[int, ...] = ()
    odds: Odds = ()

    @property
    def valid(self) -> bool:
        """Whether it is an outcome."""
        return self.outcome is not None


def read(question: SurveyQuestion, cell: SurveyCell, reply: Reply) -> Reading:
    """What a reply to a cell of a question is.

    >>> from evenodds.survey.question import QUESTIONS
    >>> coin = QUESTIONS["coin"]
    >>> read(coin, coin.by_key["p2.own.o1"], Reply("Heads!", "stop"))
    Reading(kind='outcome', outcome=0, position=1, text='Heads!', items=(), odds=())
    """
    found = _known(question, cell, reply)
    if found.outcome is None:
        return found
    odds = odds_of(cell, reply, found.outcome, question.decoding.prefill)
    return replace(found, odds=odds) if odds else found


def _known(question: SurveyQuestion, cell: SurveyCell, reply: Reply) -> Reading:
    """The reading of a reply's text; that of a short one is kept."""
    text, finish = reply.text, reply.finish
    if len(text) > _SHORT:
        return _read(question, cell, reply)
    known = cell.readings
    found = known.get((text, finish))
    if found is None:
        found = _read(question, cell, reply)
        if len(known) < _MOST_KEPT:
            known[text, finish] = found
    return found


def _read(question: SurveyQuestion, cell: SurveyCell, reply: Reply) -> Reading:
    text, finish = reply.text, reply.finish
    if finish == "filter":
        return Reading("filtered", text=text)
    if finish == "refusal":
        return Reading("refused", text=text)
    cut = finish == "length"
    said = spoken(text)
    if said is None or (cut and (not said.strip() or not _closes(cell))):
        return Reading("truncated", text=text)
    if not said.strip():
        return Reading("empty", text=text)
    return _meant(question, cell, question.decoding.prefill + text, text, cut)


def _closes(cell: SurveyCell) -> bool:
    """Whether the answer's frame marks its end: the "1" of a cut "10" is no outcome."""
    return cell.task.format.kind in ("tag", "json")


def _meant(question: SurveyQuestion, cell: SurveyCell, said: str, text: str, cut: bool) -> Reading:
    answer = cell.answer(said, cut=cut)
    outcome = cell.outcome_of(answer)
    if outcome is None:
        return Reading("truncated" if cut else _failure(answer), text=text)
    position = cell.position_of(answer) if question.positions else None
    items = answer.items if isinstance(answer, Read) else ()
    return Reading("outcome", outcome, position, text, items)


def _failure(answer: Answer | Read | Unread) -> Kind:
    if isinstance(answer, Refused) or (isinstance(answer, Unread) and answer.refused):
        return "refused"
    if isinstance(answer, OffSupport) or (isinstance(answer, Read) and answer.strays):
        return "off_support"
    return "malformed"
