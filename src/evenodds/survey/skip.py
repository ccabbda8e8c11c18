"""Models that are left out by name: a list that is data, with a reason for each or "not stated"."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from evenodds.errors import RunError
from evenodds.survey.model_info import Skip

__all__ = ["NOT_STATED", "default_skips", "read_skips", "skip_reason"]

NOT_STATED = "not stated"


def default_skips() -> tuple[Skip, ...]:
    """The coin article's twenty, in its order."""
    return _skips(_loaded((files("evenodds.survey") / "skip.yaml").read_text("utf-8"), "skip.yaml"))


def read_skips(path: str | Path) -> tuple[Skip, ...]:
    """The list of a YAML file: `models:` with an id and its reason a line, or a plain list of ids.

    An id may hold `*` ("morph/*"). Raises RunError for a file that holds something else.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path} cannot be read ({error}): give a YAML file of models.") from error
    return _skips(_loaded(text, str(path)))


def skip_reason(model: str, skips: Iterable[Skip]) -> str | None:
    """Why a model is on the list, None where it is not; a later entry of the list goes first.

    >>> skip_reason("morph/v4", [Skip("morph/*", "no chat")])
    'no chat'
    """
    found = [skip.reason for skip in skips if _names(skip.id, model)]
    return found[-1] if found else None


def _names(pattern: str, model: str) -> bool:
    return fnmatchcase(model, pattern) if "*" in pattern else model == pattern


def _loaded(text: str, where: str) -> dict[str, Any]:
    try:
        record = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RunError(f"{where} is no YAML ({' '.join(str(error).split())[:160]}).") from error
    found = record.get("models", record) if isinstance(record, dict) else record
    if isinstance(found, list):
        found = {each: NOT_STATED for each in found if isinstance(each, str)}
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found):
        raise RunError(f"{where} lists no models: write `models:` and a line `id: reason` for each")
    return found


def _skips(found: dict[str, Any]) -> tuple[Skip, ...]:
    return tuple(Skip(each, str(reason or NOT_STATED)) for each, reason in found.items())
