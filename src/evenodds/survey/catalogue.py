"""The models that could be surveyed: from a live listing, or from a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evenodds.errors import ModelError, RunError
from evenodds.ledger import write_atomically
from evenodds.survey.catalogue_fetch import api_url, fetch_listing
from evenodds.survey.covariates import named, read_covariates
from evenodds.survey.listing import organisation_of, read_listing
from evenodds.survey.model_info import CallPrices, ModelInfo, Skip
from evenodds.survey.model_rows import ENDINGS, model_rows
from evenodds.tasks.task import content_hash

__all__ = ["Catalogue"]

_FORMAT = 1
_PER_MILLION = {"input_per_million": "prompt", "output_per_million": "completion"}


@dataclass(frozen=True)
class Catalogue:
    """Models in the order of their ids, those that were left out with the reason, and the source.

    >>> catalogue = Catalogue.of(["b/two-7b", "a/one"])
    >>> [model.id for model in catalogue.models], catalogue.model("b/two-7b").value("billions")
    (['a/one', 'b/two-7b'], 7.0)
    """

    models: tuple[ModelInfo, ...]
    skipped: tuple[Skip, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        """Put the models in order; refuse one that is there twice."""
        models = tuple(sorted(self.models, key=lambda model: model.id))
        for one, two in pairwise(models):
            if one.id == two.id:
                raise RunError(f"{one.id} is there twice in {self.source or 'a list'}: remove one.")
        object.__setattr__(self, "models", models)

    @classmethod
    def of(cls, ids: Iterable[str], source: str = "") -> Catalogue:
        """A catalogue of ids of which nothing else is known but what the names say."""
        return cls(named(ModelInfo(each, organisation_of(each)) for each in ids), source=source)

    @classmethod
    def load(
        cls, where: str | Path, *, key_env: str = "OPENAI_API_KEY", timeout: float = 30.0
    ) -> Catalogue:
        """The catalogue of an API (its base URL), or of a file.

        A file is a saved catalogue or a saved listing (.json), or a list of ids (.csv, .yaml, .txt)
        with, where they are known, columns of covariates, of prices (`input_per_million`,
        `output_per_million` and `per_request`, in dollars), `supported`: request parameters, such
        as "seed structured_outputs", and of the API where models are behind several: `endpoint`,
        its base URL, `key_env`, `model`, the name that it knows the model by. Raises ModelError for
        a listing that does not come, RunError for a file that holds none.
        """
        told = str(where)
        if "://" in told:
            listing = fetch_listing(told, key_env=key_env, timeout=timeout)
            return cls(named(read_listing(listing, told)), source=api_url(told).partition("?")[0])
        if Path(told).suffix.lower() in ENDINGS:
            rows = model_rows(told)
            return cls(named(_listed(row, f"{told}, row {n}") for n, row in rows), source=told)
        return cls._saved(Path(told))

    @classmethod
    def _saved(cls, path: Path) -> Catalogue:
        try:
            record = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"{path} is no catalogue ({' '.join(str(error).split())[:120]}): give an API's base"
                f" URL, a saved catalogue (.json), or a list of ids ({', '.join(ENDINGS)})."
            ) from error
        if not (isinstance(record, Mapping) and "catalogue" in record):
            return cls(named(read_listing(record, str(path))), source=str(path))
        return cls.from_json(record, str(path))

    @property
    def hash(self) -> str:
        """16 hex digits of what is surveyed: the models with all that is known of them."""
        return content_hash([model.to_json() for model in self.models])

    def model(self, name: str) -> ModelInfo:
        """The model of an id. Raises RunError where there is none."""
        for model in self.models:
            if model.id == name:
                return model
        raise RunError(f"{name!r} is not in the catalogue of {self.source or 'this survey'}.")

    def with_models(self, models: Iterable[ModelInfo]) -> Catalogue:
        """The same catalogue with other models."""
        return replace(self, models=tuple(models))

    @classmethod
    def merged(cls, parts: Sequence[Catalogue]) -> Catalogue:
        """Several catalogues as one; models that came from an API remember which.

        An id that several APIs have is told by its API: "gpt-x@api.host".
        """
        if len(parts) == 1:
            return parts[0]
        many = Counter(model.id for part in parts for model in part.models)
        models = [
            _at_api(model, part.source, shared=many[model.id] > 1)
            for part in parts
            for model in part.models
        ]
        skipped = tuple(skip for part in parts for skip in part.skipped)
        return cls(tuple(models), skipped, ", ".join(part.source for part in parts))

    def priced(self, prices: CallPrices) -> Catalogue:
        """The same catalogue with these prices where a model's own are unknown.

        >>> Catalogue.of(["mine"]).priced(CallPrices(0.0, 0.0)).models[0].prices.known
        True
        """
        return self.with_models(
            model if model.prices.known else replace(model, prices=prices) for model in self.models
        )

    def save(self, path: str | Path) -> None:
        """Write the catalogue, with its hash, as JSON. Raises OSError."""
        write_atomically(path, json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n")

    def to_json(self) -> dict[str, Any]:
        """Return the catalogue as JSON values."""
        return {
            "catalogue": _FORMAT,
            "source": self.source,
            "hash": self.hash,
            "models": [model.to_json() for model in self.models],
            "skipped": [vars(skip).copy() for skip in self.skipped],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any], where: str = "this record") -> Catalogue:
        """Rebuild what `to_json` wrote; prices and covariates that were edited since are taken.

        Raises RunError for a record that is none, or of a later format.
        """
        if record.get("catalogue") != _FORMAT:
            raise RunError(f"{where} was saved by a later version: upgrade evenodds.")
        try:
            models = tuple(ModelInfo.from_json(row) for row in record["models"])
            skipped = tuple(Skip(**row) for row in record.get("skipped", ()))
            return cls(models, skipped, str(record.get("source", "")))
        except (KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{where} is no saved catalogue ({error}): save it again.") from error


def _at_api(model: ModelInfo, source: str, *, shared: bool) -> ModelInfo:
    """A model with the API that it is behind, and an id of its own."""
    url = model.url or (source if "://" in source else "")
    if not shared or not url:
        return replace(model, url=url)
    id = f"{model.id}@{urlsplit(url).netloc}"
    return replace(model, id=id, url=url, sent=model.sent or model.id)


def _listed(row: Mapping[str, Any], where: str) -> ModelInfo:
    """A model of a list's row."""
    found = read_covariates(row, where)
    organisation = found.get("organisation")
    url, key_env, sent = _api(row, where)
    return ModelInfo(
        id=row["id"],
        organisation=str(organisation.value) if organisation else organisation_of(row["id"]),
        name=str(row.get("name", "")),
        prices=_prices(row, where),
        supported=_supported(row.get("supported", "")),
        url=url,
        key_env=key_env,
        sent=sent,
        covariates=found,
    )


def _api(row: Mapping[str, Any], where: str) -> tuple[str, str, str]:
    """URL, key's variable and name of a model at an API of its own, where the row names one."""
    url, key_env, sent = (str(row.get(name, "")) for name in ("endpoint", "key_env", "model"))
    try:
        return api_url(url) if url else "", key_env, sent
    except ModelError as error:
        raise RunError(f"{where}: {error}") from None


def _supported(cell: Any) -> frozenset[str]:
    """Request parameters, as a list or in one text."""
    several = cell if isinstance(cell, list) else str(cell).replace(",", " ").split()
    return frozenset(map(str, several))


def _prices(row: Mapping[str, Any], where: str) -> CallPrices:
    try:
        stated = {ours: float(row[n]) / 1e6 for n, ours in _PER_MILLION.items() if n in row}
        stated |= {"request": float(row["per_request"])} if "per_request" in row else {}
    except (TypeError, ValueError) as error:
        raise RunError(f"{where}: a price is no number ({error}); give dollars.") from error
    return CallPrices(**stated)
