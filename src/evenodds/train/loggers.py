"""Loggers: whatever Transformers can report to gets the numbers that a run writes down."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evenodds.errors import RunError

NONE, ALL = "none", "all"
_PLAIN = re.compile(r"[\w][\w. -]*")


def check_logger(name: str) -> None:
    """Refuse a logger that Transformers does not know, or that is not installed (RunError)."""
    if name in (NONE, ALL):
        return
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    if name not in INTEGRATION_TO_CALLBACK:
        known = ", ".join(sorted(INTEGRATION_TO_CALLBACK))
        raise RunError(f"there is no logger {name!r}: report_to is none, all, or one of {known}")
    try:
        INTEGRATION_TO_CALLBACK[name]()
    except Exception as error:  # each says in its own way that its package is missing
        raise RunError(
            f"the logger {name!r} cannot be used ({str(error).strip().splitlines()[0]}): install "
            "its package, or leave report_to out"
        ) from error


def loggable(kind: str, values: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of an event by the names that loggers get: "tv:train" is "probe/tv/train".

    Outcomes that are no plain words ("p:$5") are left out: some loggers refuse such names.
    """
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
    named = {name: name.partition(":") for name in numbers}
    plain = {name: parts for name, parts in named.items() if _is_plain(parts)}
    return {
        "/".join([kind, *filter(None, (first, rest))]): float(numbers[name])
        for name, (first, _, rest) in plain.items()
    }


def _is_plain(parts: tuple[str, str, str]) -> bool:
    first, colon, rest = parts
    return bool(_PLAIN.fullmatch(first)) and (not colon or bool(_PLAIN.fullmatch(rest)))


def place_logs(trainer: Any, folder: Path) -> None:
    """Let TensorBoard write to `folder`, unless TENSORBOARD_LOGGING_DIR names another one."""
    if "TENSORBOARD_LOGGING_DIR" in os.environ:
        return
    for callback in trainer.callback_handler.callbacks:
        if type(callback).__name__ == "TensorBoardCallback":
            callback.logging_dir = str(folder)
