"""The odds that a reply was drawn with, where its endpoint shows the likeliest tokens with it.

A reply is followed token by token. At the place where it comes to hold a whole outcome, the tokens
shown that would have held one too are a group: given that the reply came there and went into the
group, outcome k was said with probability

    q_k = mass of the group's tokens that say k / mass of the group.

A draw is replaced by q, its conditional expectation (Rao & Blackwell), which has the same mean and
never a greater variance: a coin shown as 50% and 50% tells more than one toss. Tokens that are not
shown, those that decide nothing yet and free text before the answer are part of what is conditioned
on, so nothing is assumed of them. One thing is: an answer that one token has begun is as often
spoilt by what follows as one that another token has begun. A reply that its end spoilt has no odds.
"""

from __future__ import annotations

from collections.abc import Collection

from evenodds.errors import ModelError
from evenodds.models.base import Reply
from evenodds.models.endpoint_shown import Position, is_end, shown_tokens
from evenodds.survey.question import SurveyCell, SurveyQuestion
from evenodds.survey.store_rows import Odds

__all__ = ["MOST_SHOWN", "odds_of", "offers_odds"]

DIGITS = 9
MOST_SHOWN = 20
"""So many tokens are asked for at each place, the most that endpoints show."""


def offers_odds(supported: Collection[str], question: SurveyQuestion) -> bool:
    """Whether a model with these parameters may show the odds of replies to a question.

    Servers show them before or after temperature and truncation are applied, so both must be such
    that it makes no difference.
    """
    decoding = question.decoding
    plain = decoding.temperature == decoding.top_p == 1 and not (decoding.top_k or decoding.min_p)
    return plain and "logprobs" in supported and question.cells[0].draws == 1


def odds_of(cell: SurveyCell, reply: Reply, outcome: int, prefill: str = "") -> Odds:
    """The odds that a reply which came to `outcome` was drawn with; () where they are not shown.

    Rounded to 9 decimals, as the ledger keeps them. See the module.
    """
    if cell.draws > 1 or not _shows(reply):
        return ()
    try:
        places = shown_tokens(reply)
    except ModelError:  # none shown after all, or those of one thought of many
        return ()
    text = prefill.encode()
    for place in places:
        if is_end(place.token):
            return ()
        said = _outcome(cell, text + place.token)
        if said is not None:
            return _group(cell, text, place) if said == outcome else ()
        text += place.token
    return ()


def _shows(reply: Reply) -> bool:
    choices = (reply.raw or {}).get("choices") or [{}]
    return bool(choices[0].get("logprobs"))


def _group(cell: SurveyCell, text: bytes, place: Position) -> Odds:
    """The odds among the tokens of a place that would hold an outcome."""
    if place.token not in place.shown:
        return ()
    masses = [0.0] * len(cell.labels)
    for token, prob in place.shown.items():
        if (k := _outcome(cell, text + token)) is not None:
            masses[k] += prob
    total = sum(masses)
    return tuple(round(mass / total, DIGITS) for mass in masses) if total > 0 else ()


def _outcome(cell: SurveyCell, text: bytes) -> int | None:
    """The outcome that a beginning holds whole, whatever free text stands before its frame."""
    said = text.decode("utf-8", "replace")
    at = said.rfind(cell.opening) if cell.opening else 0
    hit = cell.spellings.settled(said[at:]) if at >= 0 else None
    return None if hit is None else cell.outcome_of(hit)
