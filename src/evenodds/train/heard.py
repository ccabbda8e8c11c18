"""What a rollout said: its outcome, or None where it is no answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from evenodds.measure.answers import sorted_answers

if TYPE_CHECKING:
    from evenodds.models.base import Decoding
    from evenodds.tasks.task import Task


def heard(replies: Iterable[tuple[str, bool]], task: Task, decoding: Decoding) -> list[Any]:
    """The outcome of each (text, cut) reply, read as measurement reads it; None for invalid ones.

    `cut` says that the length limit ended the reply.
    """
    known: dict[tuple[str, bool], Any] = {}
    answers = []
    for reply in replies:
        if reply not in known:
            found = sorted_answers([(*reply, 1)], task, decoding).outcomes
            known[reply] = next(iter(found), None)
        answers.append(known[reply])
    return answers
