"""Files that people write about models: CSV with a header, YAML, or one id a line."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from evenodds.errors import RunError
from evenodds.ledger.cells import from_cell

__all__ = ["ENDINGS", "model_rows"]

ENDINGS = (".csv", ".yaml", ".yml", ".txt")
"""The files that are read here."""

Row = Mapping[str, Any]


def model_rows(path: str | Path) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a file, each with its number and an `id`; empty cells are left out.

    CSV has a header with a column `id`. YAML is a list of ids, a list of mappings with an `id`, or
    a mapping of ids to mappings. Text has one id a line, `#` begins a remark. Raises RunError that
    names the file and the row.
    """
    try:
        rows = _READERS[Path(path).suffix.lower()](Path(path))
    except KeyError:
        raise RunError(f"{path} is no list of models: give one of {', '.join(ENDINGS)}.") from None
    except (OSError, UnicodeDecodeError, csv.Error, yaml.YAMLError) as error:
        said = " ".join(str(error).split())[:160]
        raise RunError(f"{path} cannot be read as a list of models ({said}).") from error
    return [(number, _row(path, number, row)) for number, row in rows]


def _row(path: str | Path, number: int, row: Any) -> dict[str, Any]:
    found = {"id": row} if isinstance(row, str) else row
    if not isinstance(found, Mapping):
        raise RunError(f"{path}, row {number}, is no model ({str(row)[:60]!r}): give it an id.")
    cells = {str(k).strip(): _cell(v) for k, v in found.items() if k is not None}
    kept = {name: cell for name, cell in cells.items() if cell not in (None, "")}
    if not isinstance(kept.get("id"), str):
        raise RunError(f"{path}, row {number}, has no id: give each model one, as the API names it")
    return kept


def _cell(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _csv(path: Path) -> list[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    plain = [{k: from_cell(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows]
    return list(enumerate(plain, 2))


def _yaml(path: Path) -> list[tuple[int, Any]]:
    found = yaml.safe_load(path.read_text("utf-8"))
    found = found.get("models", found) if isinstance(found, dict) else found
    if isinstance(found, dict):
        found = [{"id": each, **(row or {})} for each, row in found.items()]
    if not isinstance(found, list):
        raise RunError(f"{path} holds no list of models: write one id a line after a dash.")
    return list(enumerate(found, 1))


def _text(path: Path) -> list[tuple[int, Any]]:
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [(number, line) for number, line in enumerate(lines, 1) if line]


_READERS = {".csv": _csv, ".yaml": _yaml, ".yml": _yaml, ".txt": _text}
