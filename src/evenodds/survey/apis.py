"""The APIs behind a catalogue's models: each has its own address, key and pool of connections."""

from __future__ import annotations

from collections.abc import Iterable

from evenodds.errors import RunError
from evenodds.models.endpoint_body import Options
from evenodds.models.endpoint_shared import Connection, ModelCaller
from evenodds.survey.model_info import ModelInfo

__all__ = ["Apis"]


class Apis:
    """Connections to every API that a catalogue's models are behind, one an API and key.

    A model without an API of its own is asked at `url`, with the key in `key_env`. Raises RunError
    where `url` is needed and empty, ModelError for a URL that is none and a key that is missing.
    """

    def __init__(
        self, models: Iterable[ModelInfo], url: str, key_env: str, timeout: float = 60.0
    ) -> None:
        self._usual = (url, key_env)
        self._connections: dict[tuple[str, str], Connection] = {}
        for model in models:
            place = self._place(model)
            if not place[0]:
                raise RunError(
                    f"Nobody says at which API {model.id} is asked: give --endpoint, or a column "
                    "`endpoint` in the list of models."
                )
            if place not in self._connections:
                made = Connection(place[0], key_env=place[1], timeout=timeout)
                self._connections[place] = made

    @property
    def urls(self) -> tuple[str, ...]:
        """The base URLs, each once, in order."""
        return tuple(sorted({each.url for each in self._connections.values()}))

    def caller(self, model: ModelInfo, options: Options) -> ModelCaller:
        """Who asks a model, by the name that its API knows."""
        connection = self._connections[self._place(model)]
        return ModelCaller(connection, model.sent or model.id, options)

    def _place(self, model: ModelInfo) -> tuple[str, str]:
        url, key_env = self._usual
        return model.url or url, model.key_env or key_env
