"""Tasks: a prompt, its exact fair answer, how the answer is written and read; suites of them."""

from evenodds.tasks.answer import (
    Answer,
    AnswerFormat,
    Hit,
    Malformed,
    OffSupport,
    Refused,
    check_format,
)
from evenodds.tasks.suite import BUILT_IN, Suite, load_suite, save_suite
from evenodds.tasks.task import SPLITS, Task
from evenodds.tasks.trie import TokenTrie, token_trie
from evenodds.tasks.variant import relabelled, reordered

__all__ = [
    "BUILT_IN",
    "SPLITS",
    "Answer",
    "AnswerFormat",
    "Hit",
    "Malformed",
    "OffSupport",
    "Refused",
    "Suite",
    "Task",
    "TokenTrie",
    "check_format",
    "load_suite",
    "relabelled",
    "reordered",
    "save_suite",
    "token_trie",
]
