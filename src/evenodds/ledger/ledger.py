"""The ledger: one line of JSON for each finished piece of work, never rewritten."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evenodds.errors import RunError
from evenodds.ledger.files import append_line, read_lines


class Ledger:
    """Finished work under its keys, in an append-only file: a run resumes with what is owed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = Ledger(folder + "/ledger.jsonl")
    ...     ledger.record("a", {"tv": 0.5})
    ...     ledger.owed(["a", "b"])
    ['b']
    """

    def __init__(self, path: str | Path) -> None:
        """Open the ledger at `path` (made by the first record).

        Raises RunError naming the line that is no record.
        """
        self.path = Path(path)
        self._rows = dict(_parsed(self.path, *line) for line in enumerate(_lines(self.path), 1))

    def record(self, key: str, row: dict[str, Any]) -> None:
        """Write `row` under `key` to the disk, then remember it; a later row replaces an earlier.

        Raises OSError when it cannot be written and ValueError for a row with NaN or infinity.
        """
        line = json.dumps({"key": key, "row": row}, allow_nan=False, ensure_ascii=False)
        append_line(self.path, line)
        self._rows[key] = json.loads(line)["row"]

    def done(self) -> set[str]:
        """The keys of all finished work."""
        return set(self._rows)

    def rows(self) -> dict[str, dict[str, Any]]:
        """All finished work, key -> row, in the order of first recording."""
        return dict(self._rows)

    def owed(self, plan: Iterable[str]) -> list[str]:
        """The keys of `plan` that are not done, in its order, each once."""
        return [key for key in dict.fromkeys(plan) if key not in self._rows]


def _lines(path: Path) -> list[str]:
    try:
        return read_lines(path)
    except UnicodeDecodeError as error:
        raise RunError(f"{path} is no ledger: it holds no text ({error.reason})") from error


def _parsed(path: Path, number: int, line: str) -> tuple[str, dict[str, Any]]:
    try:
        entry = json.loads(line)
        return str(entry["key"]), dict(entry["row"])
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"{path}, line {number}, is no record of finished work: {line[:60]!r}; "
            "remove that line, or choose another folder"
        ) from error
