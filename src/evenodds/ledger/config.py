"""A folder of work belongs to one configuration: resume under another one stops."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evenodds.errors import RunError
from evenodds.ledger.files import write_atomically


def agree(path: str | Path, config: Mapping[str, Any]) -> bool:
    """Write `config` as JSON to `path`, or, when one stands there, demand that it is the same.

    Returns True when work recorded under this configuration may be resumed, False on a fresh
    start. Raises RunError naming each key that differs with both its values, or when the file is
    no configuration of this kind at all.
    """
    wanted = json.loads(json.dumps(config))
    if not Path(path).exists():
        write_atomically(path, json.dumps(wanted, indent=2, allow_nan=False) + "\n")
        return False
    recorded = _recorded(Path(path))
    if not recorded.keys() & wanted.keys():
        raise RunError(f"{path} belongs to something else; choose another folder")
    differing = [key for key in {**recorded, **wanted} if recorded.get(key) != wanted.get(key)]
    if differing:
        raise RunError(_disagreement(Path(path), recorded, wanted, differing))
    return True


def _recorded(path: Path) -> dict[str, Any]:
    try:
        recorded = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise RunError(
            f"{path} is no JSON ({error}), so what was recorded here cannot be told; "
            "choose another folder, or delete this one"
        ) from error
    if not isinstance(recorded, dict):
        raise RunError(f"{path} holds no JSON object; choose another folder, or delete this one")
    return recorded


def _disagreement(
    path: Path, recorded: Mapping[str, Any], wanted: Mapping[str, Any], keys: list[str]
) -> str:
    changes = "; ".join(
        f"{key}: recorded {json.dumps(recorded.get(key))}, now {json.dumps(wanted.get(key))}"
        for key in keys
    )
    return (
        f"{path.parent} holds work under another configuration ({changes}); "
        "go on with the recorded one, or choose another folder"
    )
