"""The methods by name. A method's file is read when it is asked for."""

from __future__ import annotations

from importlib import import_module

from evenodds.errors import RunError
from evenodds.train.job import Method

METHODS = ("match", "grpo", "sft", "option_b", "moments", "dpo", "rejection")
"""Each is a file of this package with a METHOD in it."""


def method(name: str) -> Method:
    """The method of that name. Raises RunError for a name that is none."""
    if name not in METHODS:
        raise RunError(f"there is no method {name!r}: use one of {', '.join(METHODS)}")
    found: Method = import_module(f"evenodds.train.{name}").METHOD
    return found
