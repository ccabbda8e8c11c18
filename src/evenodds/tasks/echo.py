"""What a reply merely repeats from its prompt, so that nobody reads an answer out of it."""

import re

__all__ = ["RUN", "without_echo"]

RUN = 4
"""So many consecutive words of the prompt, repeated in order, are an echo."""

_WORD = re.compile(r"\w+", re.UNICODE)


def without_echo(reply: str, prompt: str) -> str:
    """The reply with every run of at least `RUN` words that stands in the prompt cut out.

    Words are compared without case or punctuation; a cut is marked by a bar.

    >>> without_echo("A random number between 1 and 6 is 4.", "Pick a number between 1 and 6.")
    'A random ¦ is 4.'
    """
    known = _runs([m.group().casefold() for m in _WORD.finditer(prompt)])
    if not known:
        return reply
    words = list(_WORD.finditer(reply))
    folded = [m.group().casefold() for m in words]
    echoed = {
        i + offset
        for i, run in enumerate(zip(*(folded[k:] for k in range(RUN)), strict=False))
        if run in known
        for offset in range(RUN)
    }
    return _cut(reply, [(words[i].start(), words[i].end()) for i in sorted(echoed)])


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return set(zip(*(words[k:] for k in range(RUN)), strict=False))


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without the spans; spans parted only by punctuation and space go as one."""
    kept, end = [], 0
    for start, stop in spans:
        between = text[end:start]
        if end == 0 or _WORD.search(between):
            kept.append(between)
            kept.append("¦")
        end = stop
    return "".join([*kept, text[end:]])
