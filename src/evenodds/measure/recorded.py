"""Draws recorded anywhere: JSONL, JSON, CSV, TSV or plain lines, read without guessing silently.

What cannot be read is refused with the file, the line and what to do. A JSON object of whole
numbers whose keys are mostly outcomes is a table of counts; any other object holds one
draw under each key (`column` may then be a pattern such as "C,1.00,*").
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from evenodds.errors import DrawsError

COLUMNS = (
    "answer",
    "outcome",
    "draw",
    "reply",
    "text",
    "response",
    "completion",
    "output",
    "value",
)
MOST_DIGITS = 1000
"""A longer whole number is a text: no law has such an outcome."""

MOST_DRAWS = 10**12
"""The largest count of one outcome."""

IsOutcome = Callable[[str], bool]


def read_draws(path: str | Path, column: str | None, is_outcome: IsOutcome) -> Counter[str]:
    """The draws in a file, text -> how many. Raises DrawsError as described above."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DrawsError(f"cannot read the draws in {path}: {error.strerror}") from error
    return draws_in(data, str(path), column, is_outcome)


def draws_in(data: bytes, name: str, column: str | None, is_outcome: IsOutcome) -> Counter[str]:
    """The draws in the bytes of a file called `name`, whose ending helps to tell its kind.

    >>> draws_in(b"4\\n4\\n1\\n", "rolls.txt", None, str.isdigit)
    Counter({'4': 2, '1': 1})
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DrawsError(
            f"{name} is no UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from None
    if not text.strip():
        raise DrawsError(f"{name} is empty: give at least one draw")
    draws = _counted(text, name, column, is_outcome)
    if not draws.total():
        raise DrawsError(f"{name} holds no draws: give at least one")
    return draws


def _counted(text: str, name: str, column: str | None, is_outcome: IsOutcome) -> Counter[str]:
    ending = Path(name).suffix.lower()
    first = text.lstrip()[0]
    if ending == ".json" or (first in "[{" and ending not in (".jsonl", ".ndjson", ".csv", ".tsv")):
        whole = _whole_json(text, name, required=ending == ".json")
        if whole is not None:
            return _from_json(whole, name, column, is_outcome)
    if ending in (".jsonl", ".ndjson") or first == "{":
        return Counter(_from_jsonl(text, name, column))
    if ending in (".csv", ".tsv") or column is not None:
        return Counter(_from_table(text, name, column, is_outcome))
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def _loads(text: str) -> Any:
    """JSON with numbers as they were written; ValueError for an object with one key twice."""
    return json.loads(
        text,
        parse_float=Decimal,
        parse_int=_int,
        parse_constant=str,
        object_pairs_hook=_object,
    )


def _int(text: str) -> int | str:
    """The integer, or its text where Python would not print it either."""
    return int(text) if len(text) <= MOST_DIGITS else text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) < len(pairs):
        raise ValueError(f"the key {_doubled(key for key, _ in pairs)!r} stands twice")
    return whole


def _doubled(names: Iterable[str]) -> str | None:
    """The first name that comes twice."""
    return next((name for name, many in Counter(names).items() if many > 1), None)


def _whole_json(text: str, name: str, required: bool) -> Any:
    try:
        return _loads(text)
    except (ValueError, RecursionError) as error:
        if required:
            raise DrawsError(f"{name} is no JSON: {error}") from None
        return None


def _from_json(whole: Any, name: str, column: str | None, is_outcome: IsOutcome) -> Counter[str]:
    if isinstance(whole, Mapping):
        return _from_object(whole, name, column, is_outcome)
    if isinstance(whole, list):
        rows = enumerate(whole, 1)
        return Counter(_draw(row, f"{name}, item {at}", column) for at, row in rows)
    raise DrawsError(f"{name} holds one JSON value: give a list or an object of draws")


def _from_object(
    whole: Mapping[str, Any], name: str, column: str | None, is_outcome: IsOutcome
) -> Counter[str]:
    if column is None and whole and _is_counts(whole, name, is_outcome):
        return Counter({key: _count(each, f"{name}, key {key!r}") for key, each in whole.items()})
    wanted = {key: each for key, each in whole.items() if _matches(key, column)}
    if not wanted:
        keys = ", ".join(map(repr, list(whole)[:5]))
        raise DrawsError(f"{name} has no key {column!r}: it has {keys or 'none'}")
    nested = [each for each in wanted.values() if isinstance(each, list | Mapping)]
    if len(nested) > 1 or (len(nested) < len(wanted) and nested):
        keys = ", ".join(map(repr, list(wanted)[:5]))
        raise DrawsError(f"{name} holds several sets of draws ({keys}, ...): name one by --column")
    if nested:
        return _from_json(nested[0], f"{name}, key {next(iter(wanted))!r}", None, is_outcome)
    return Counter(_draw(each, f"{name}, key {key!r}", None) for key, each in wanted.items())


def _matches(key: str, column: str | None) -> bool:
    return column is None or key == column or fnmatchcase(key, column)


def _is_counts(whole: Mapping[str, Any], name: str, is_outcome: IsOutcome) -> bool:
    """Whether an object is a table of counts: whole numbers under keys that are mostly outcomes."""
    if not all(isinstance(n, int | Decimal) and not isinstance(n, bool) for n in whole.values()):
        return False
    if any(n != int(n) for n in whole.values()):
        return False
    outcomes = sum(map(is_outcome, whole))
    if 0 < 2 * outcomes < len(whole):
        raise DrawsError(
            f"{name} may be counts or draws: {outcomes} of its {len(whole)} keys are outcomes; "
            "write one draw a line instead"
        )
    return outcomes > 0


def _count(number: int | Decimal, where: str) -> int:
    if not 0 <= number <= MOST_DRAWS:
        raise DrawsError(
            f"{where} holds {number}, which is no count: give 0 to {MOST_DRAWS:,}, "
            "or write one draw a line"
        )
    return int(number)


def _from_jsonl(text: str, name: str, column: str | None) -> Iterator[str]:
    for at, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = _loads(line)
        except (ValueError, RecursionError) as error:
            raise DrawsError(f"{name}, line {at}, is no JSON ({error}): {line[:60]!r}") from None
        yield _draw(row, f"{name}, line {at}", column)


def _draw(row: Any, where: str, column: str | None) -> str:
    """The text of one recorded draw: a scalar, a list of scalars, or a field of an object."""
    if isinstance(row, Mapping):
        row = row[_field(list(row), where, column)]
    if row is None:
        raise DrawsError(f"{where} holds null: a call that failed is no draw, leave it out")
    if isinstance(row, list) and not any(isinstance(each, list | Mapping) for each in row):
        return ", ".join(_scalar(each) for each in row)
    if isinstance(row, list | Mapping):
        raise DrawsError(f"{where} holds no single draw: {str(row)[:60]}; name it with --column")
    return _scalar(row)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _field(names: list[str], where: str, column: str | None) -> str:
    """Which field holds the draw: the one named, the only one, or the one of a usual name."""
    if column is not None:
        if names.count(column) > 1:
            raise DrawsError(f"{where} has {column!r} twice: rename one")
        if column not in names:
            raise DrawsError(f"{where} has no {column!r}: it has {', '.join(names) or 'nothing'}")
        return column
    usual = [name for name in COLUMNS if name in names]
    if len(names) == 1 or len(usual) == 1:
        return names[0] if len(names) == 1 else usual[0]
    raise DrawsError(
        f"{where} has the columns {', '.join(names) or '(none)'}: say with --column which one "
        "holds the draws"
    )


def _from_table(text: str, name: str, column: str | None, is_outcome: IsOutcome) -> Iterator[str]:
    rows = _rows(text, name)
    header = rows[0][1]
    if column is None and len(header) == 1 and is_outcome(header[0]):
        at, body = 0, rows
    else:
        at, body = header.index(_field(header, f"{name}, line {rows[0][0]},", column)), rows[1:]
    for line, row in body:
        if len(row) != len(header):
            raise DrawsError(
                f"{name}, line {line}, has {len(row)} cells and the first has {len(header)}: "
                "mend that line"
            )
        yield row[at].strip()


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, name))
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in _not_blank(reader):
            rows.append((reader.line_num, row if rows else [cell.strip() for cell in row]))
    except csv.Error as error:
        raise DrawsError(f"{name}, line {reader.line_num}, is no CSV: {error}") from None
    return rows


def _not_blank(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    return (row for row in rows if any(cell.strip() for cell in row))


def _delimiter(text: str, name: str) -> str:
    first = text.lstrip().split("\n", 1)[0]
    return "\t" if name.endswith(".tsv") else max(",;\t", key=first.count)
