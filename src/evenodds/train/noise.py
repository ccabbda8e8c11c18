"""Prompt noise: the same request in another case, with other punctuation, with a word around it.

A model that has seen only clean phrasings learns the phrasing; noise makes it learn the request.
Words that the answer needs (labels, tags, numbers, anything quoted) are left as they stand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection

OPENINGS = (
    "Please: ",
    "Hey, ",
    "OK. ",
    "Hi! ",
    "Quick one: ",
    "Now, ",
    "So, ",
    "Well, ",
    "> ",
    "- ",
)
CLOSINGS = (" Thanks.", " Thank you!", " Please.", " Go.", " Now.", " OK?", " :)", " Cheers.")
MARKS = ("", ".", "!", "...", ";", " .")

Change = Callable[[str], str]


def noisy(prompt: str, kept: Collection[str], rng: random.Random) -> str:
    """`prompt` after one to three random changes; words that contain one of `kept` stay."""
    changes = rng.sample((_recase, _repunctuate, _open, _close, _slip), k=rng.randint(1, 3))
    for change in changes:
        prompt = change(prompt, kept, rng)
    return prompt


def _recase(prompt: str, kept: Collection[str], rng: random.Random) -> str:
    case = rng.choice((str.lower, str.upper, str.title, str.lower, _lower_first))
    return _words(prompt, kept, case)


def _lower_first(word: str) -> str:
    return word[:1].lower() + word[1:]


def _repunctuate(prompt: str, kept: Collection[str], rng: random.Random) -> str:
    """Change the last mark of a request; a question mark or a bracket says something and stays."""
    end = rng.choice(MARKS)
    return (
        prompt[:-1] + end
        if prompt.endswith((".", "!"))
        else prompt + ("" if _closed(prompt) else end)
    )


def _closed(prompt: str) -> bool:
    return not prompt or not prompt[-1].isalnum()


def _open(prompt: str, kept: Collection[str], rng: random.Random) -> str:
    return rng.choice(OPENINGS) + prompt


def _close(prompt: str, kept: Collection[str], rng: random.Random) -> str:
    return prompt + ("" if _closed(prompt) else ".") + rng.choice(CLOSINGS)


def _slip(prompt: str, kept: Collection[str], rng: random.Random) -> str:
    """A slip of the finger: one word loses, doubles or swaps a letter, or is left out."""
    words = prompt.split(" ")
    free = [
        i for i, word in enumerate(words) if len(word) > 3 and word.isalpha() and _free(word, kept)
    ]
    if not free:
        return prompt
    at = rng.choice(free)
    words[at] = _slipped(words[at], rng)
    return " ".join(word for word in words if word)


def _slipped(word: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(word) - 1)
    kinds = (word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:])
    return rng.choice((*kinds, word[:i] + word[i + 1] + word[i] + word[i + 2 :], ""))


def _words(prompt: str, kept: Collection[str], change: Change) -> str:
    return re.sub(r"[A-Za-z']+", lambda m: _unless_kept(m, prompt, kept, change), prompt)


def _unless_kept(found: re.Match[str], prompt: str, kept: Collection[str], change: Change) -> str:
    word = found.group()
    before = prompt[max(0, found.start() - 2) : found.start()]
    return (
        change(word) if _free(word, kept) and not before.endswith(("<", "</", '"', "`")) else word
    )


def _free(word: str, kept: Collection[str]) -> bool:
    return not any(word.lower() in text.lower() for text in kept)
