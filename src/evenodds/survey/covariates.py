"""Covariates of models, each with its source: from names, from files, edited by hand.

A file wins over what was known; what nobody says stays unknown. `covariate_rules.yaml` holds what a
name says. A number in a name is the size in billions ("70b"); "8x7b" counts 56, an upper bound, for
experts share their attention layers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from evenodds.errors import RunError
from evenodds.ledger import write_atomically
from evenodds.ledger.cells import as_cell
from evenodds.survey.listing import organisation_of
from evenodds.survey.model_info import COVARIATES, Covariate, ModelInfo, Value
from evenodds.survey.model_rows import model_rows

if TYPE_CHECKING:
    from evenodds.survey.catalogue import Catalogue

__all__ = ["covariate_value", "from_name", "named", "with_covariates", "write_covariates"]

_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![a-z0-9])")
_EXPERTS = re.compile(r"(?<![a-z0-9.])\d+x\d+(?:\.\d+)?b(?![a-z0-9])|-a\d+(?:\.\d+)?b(?![a-z0-9])")
_EACH = re.compile(r"(?<![a-z0-9.])\d+e(?![a-z0-9])")
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ALSO = {"dense": False, "mixture": True, "moe": True}
_TAKEN_BACK = ("?", "unknown")
_UNKNOWN = ("", "null", "none", "nan", *_TAKEN_BACK)


def from_name(model: str) -> dict[str, Covariate]:
    """What a model's id says of it.

    >>> found = from_name("mistralai/mixtral-8x7b-instruct")
    >>> found["billions"].value, found["mixture"].value, found["organisation"].source
    (56.0, True, 'name')
    >>> from_name("qwen/qwen3-235b-a22b-thinking-2507")["billions"]
    Covariate(value=235.0, source='name: 235b')
    """
    organisation, rest = organisation_of(model), model.lower().rpartition("/")[2]
    found = {"organisation": Covariate(organisation, "name")} if organisation else {}
    for pattern, covariate, value in _rules():
        if hit := pattern.search(model.lower()):
            found[covariate] = Covariate(value, f"name: {hit.group()}")
    return {**found, **_experts(rest), **_size(rest)}


def _experts(name: str) -> dict[str, Covariate]:
    hit = _EXPERTS.search(name) or _EACH.search(name)
    return {"mixture": Covariate(True, f"name: {hit.group().lstrip('-')}")} if hit else {}


def _size(name: str) -> dict[str, Covariate]:
    """All parameters; where a name gives those of one of its experts only ("17b-16e"), nothing."""
    hit = None if _EACH.search(name) else _SIZE.search(name)
    if hit is None:
        return {}
    billions = int(hit[1] or 1) * float(hit[2]) / (1000 if hit[3] == "m" else 1)
    return {"billions": Covariate(billions, f"name: {hit.group()}")}


def named(models: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
    """The models with what their names say, where nothing else is known."""
    return tuple(
        model.with_covariates({**from_name(model.id), **model.covariates}) for model in models
    )


def with_covariates(catalogue: Catalogue, path: str | Path) -> Catalogue:
    """The catalogue with the covariates of a file (see `model_rows` for its shapes).

    Columns are names of covariates, and NAME_source for where each value is from. A value that
    differs from the catalogue's while its source does not is an edited one. An empty cell says
    nothing, "?" takes back what was known. Models that the catalogue lacks are ignored. Raises
    RunError for a value that is none, and for a file that has no such column at all.
    """
    found = model_rows(path)
    if found and not any(COVARIATES.keys() & row.keys() for _, row in found):
        raise RunError(f"{path} says no covariate: name its columns {', '.join(COVARIATES)}.")
    rows = {
        row["id"]: (_taken_back(row), read_covariates(row, f"{path}, row {n}")) for n, row in found
    }
    return catalogue.with_models(
        _told(model, *rows[model.id]) if model.id in rows else model for model in catalogue.models
    )


def _taken_back(row: Mapping[str, Any]) -> frozenset[str]:
    """The covariates of which a row says that nobody knows them."""
    return frozenset(n for n in COVARIATES if str(row.get(n, "")).strip().lower() in _TAKEN_BACK)


def _told(model: ModelInfo, back: frozenset[str], said: Mapping[str, Covariate]) -> ModelInfo:
    """A model with what a row says of it."""
    known = {name: found for name, found in model.covariates.items() if name not in back}
    told = {name: _edited(known.get(name), new) for name, new in said.items()}
    return replace(model, covariates={**known, **told})


def _edited(old: Covariate | None, new: Covariate) -> Covariate:
    if old is None or new.source not in (old.source, "file"):
        return new
    if old.value == new.value:
        return old
    return Covariate(new.value, "edited" if new.source == old.source else new.source)


def read_covariates(row: Mapping[str, Any], where: str) -> dict[str, Covariate]:
    """The covariates of one row of a file; unknown ones are left out. Raises RunError."""
    found = {}
    for name, cell in row.items():
        if name in COVARIATES and (value := covariate_value(name, cell, where)) is not None:
            found[name] = Covariate(value, str(row.get(f"{name}_source", "file")))
    return found


def covariate_value(name: str, cell: Any, where: str) -> Value | None:
    """The value that a cell holds, None for an unknown one. Raises RunError that says where.

    >>> covariate_value("mixture", "dense", "row 2"), covariate_value("billions", "?", "row 3")
    (False, None)
    """
    text = str(cell).strip()
    if text.lower() in _UNKNOWN:
        return None
    try:
        value: Value = _PARSERS[COVARIATES[name]](text)
        return value
    except (ValueError, KeyError):
        wanted = _WANTED[COVARIATES[name]]
        raise RunError(f"{where}: {name} cannot be {text[:40]!r}; write {wanted}.") from None


def _number(text: str) -> float:
    number = float(text.lower().removesuffix("b"))
    if not (isfinite(number) and number > 0):
        raise ValueError(text)
    return number


def _day(text: str) -> str:
    """A day; of a month or a year alone the first."""
    parts = text[:10].split("-")
    return date.fromisoformat("-".join([*parts, "01", "01"][:3])).isoformat()


_PARSERS: Mapping[type, Any] = {
    str: str.lower,
    float: _number,
    bool: lambda text: {**_WORDS, **_ALSO}[text.lower()],
    date: _day,
}
_WANTED: Mapping[type, str] = {
    str: "a name",
    float: "a number of billions, such as 7 or 0.5",
    bool: "yes or no, or leave it empty where it is unknown",
    date: "a day such as 2024-06-20",
}


def write_covariates(models: Sequence[ModelInfo], path: str | Path) -> None:
    """Write a CSV to be edited by hand: id, and each covariate with its source.

    `with_covariates` reads it back; a value that was changed there is marked as edited.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", *(column for name in COVARIATES for column in (name, f"{name}_source"))])
    for model in models:
        found = [model.covariates.get(name) for name in COVARIATES]
        cells = [model.id, *(cell for each in found for cell in _cells(each))]
        writer.writerow(map(as_cell, cells))
    write_atomically(path, text.getvalue())


def _cells(found: Covariate | None) -> tuple[str, str]:
    if found is None:
        return ("", "")
    value = {True: "yes", False: "no"}.get(found.value) if isinstance(found.value, bool) else None
    return (value or str(found.value), found.source)


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str, Value], ...]:
    text = (files("evenodds.survey") / "covariate_rules.yaml").read_text("utf-8")
    return tuple(
        (re.compile(rule["match"]), name, value)
        for rule in yaml.safe_load(text)["rules"]
        for name, value in rule.items()
        if name in COVARIATES
    )
