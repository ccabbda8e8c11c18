"""A survey's models as rows of plain values: CSV for everyone, Parquet with the corpus extra."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evenodds.errors import RunError
from evenodds.ledger.cells import as_cell
from evenodds.ledger.files import write_atomically
from evenodds.survey.analysis.analysis import Analysis
from evenodds.survey.analysis.rows import ModelRow, Share

__all__ = ["COLUMNS", "export_rows", "write_export"]

COLUMNS: Mapping[str, type] = {
    "question": str,
    "model": str,
    "verdict": str,
    "together": str,
    "n": int,
    "valid": int,
    "shown": int,
    "tv": float,
    "low": float,
    "high": float,
    "floor": float,
    "excess_tv": float,
    "total_tv": float,
    "favourite": str,
    "shrunken": float,
    "shrunken_low": float,
    "shrunken_high": float,
    "near": float,
    "rank_low": int,
    "rank_high": int,
    "first": float,
    "last": float,
    "invalid": float,
    "invalid_low": float,
    "invalid_high": float,
    "first_place": float,
    "first_place_low": float,
    "first_place_high": float,
    "log_biased": float,
    "log_fair": float,
    "cost": float,
    "why": str,
    "counts": str,
}
"""Column -> its type; see `ModelRow` and `Judged` for what each is. An empty cell is unknown."""


def export_rows(analysis: Analysis) -> Iterator[dict[str, Any]]:
    """A row for each model and question, its values in the order of `COLUMNS`."""
    for found in analysis.questions:
        for row in found.rows:
            named = {"question": found.question, **_facts(row)}
            favourite = None if row.favourite is None else found.outcomes[row.favourite]
            counts = " ".join(map(str, row.counts))
            named |= {"favourite": favourite, "counts": counts}
            yield {name: named[name] for name in COLUMNS}


def _facts(row: ModelRow) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in COLUMNS if hasattr(row, name)}
    judged = {
        name: getattr(row.judged, name) for name in ("together", "log_biased", "log_fair", "shown")
    }
    shares = _share("invalid", row.invalid) | _share("first_place", row.first_place)
    return plain | judged | shares


def _share(name: str, share: Share | None) -> dict[str, float | None]:
    if share is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    return {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}


def write_export(analysis: Analysis, path: Path) -> None:
    """Write the rows to a .csv or a .parquet file, whole or not at all.

    In CSV a text that a spreadsheet might take for a formula has an apostrophe before it, which
    `evenodds.ledger.cells.from_cell` takes off.
    Raises RunError for another ending, and for Parquet without pyarrow.
    """
    writers = {".csv": _csv, ".parquet": _parquet}
    if path.suffix.lower() not in writers:
        raise RunError(f"{path} is no .csv or .parquet: name the file so.")
    write_atomically(path, writers[path.suffix.lower()](list(export_rows(analysis))))


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> Any:
    return as_cell(value) if isinstance(value, str) else value


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise RunError(
            "Parquet needs pyarrow: pip install 'evenodds[survey]', or export .csv."
        ) from error
    types = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return bytes(sink.getvalue())
