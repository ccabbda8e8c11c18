"""Models that think before they answer: the thought is no part of the answer.

A chat template may open the thought itself, so a reply may close what it never opened.
"""

import re

_TAG = r"(?:think|thinking|thought|reasoning)>"
_CLOSED = re.compile(f"</{_TAG}", re.IGNORECASE)
_OPEN = re.compile(rf"\s*<{_TAG}", re.IGNORECASE)


def spoken(reply: str) -> str | None:
    """What a reply says after its thought; None when a thought is opened and never closed.

    >>> spoken("<think>3 or 5?</think> 4"), spoken("3 or 5?</think> 4"), spoken("4")
    (' 4', ' 4', '4')
    >>> spoken("<think>3 or")
    """
    last = _CLOSED.split(reply)[-1]
    return None if _OPEN.match(last) else last
