"""Many models behind one API: one pool of connections for all, and for each what it takes.

Unlike `Endpoint`, nothing here asks again or waits: whoever paces the calls of a whole survey
decides that. An answer is handed over as the text that came, before anything reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evenodds.errors import ModelError
from evenodds.models.base import Decoding, Reply, Turn
from evenodds.models.endpoint_body import (
    Body,
    Options,
    Support,
    messages,
    refused_field,
    reply_seed,
)
from evenodds.models.endpoint_client import Client, imported, key_from, plain_url
from evenodds.models.endpoint_fault import Fault, status_fault
from evenodds.models.endpoint_reply import filtered_reply, read_reply

__all__ = ["Answered", "Connection", "ModelCaller", "reply_of"]


@dataclass(frozen=True)
class Answered:
    """What a server answered, as it came: its status and its text, without the key."""

    status: int
    text: str


def reply_of(answered: Answered) -> Reply:
    """Return the reply that an answer holds; a pure function, so it can be read again later.

    Raises `Fault` for an answer that is no reply of a model.

    >>> reply_of(Answered(200, '{"choices": [{"message": {"content": "4"}}]}')).text
    '4'
    """
    if answered.status == 200:
        return read_reply(answered.text)
    fault = status_fault(answered.status, {}, answered.text)
    if (reply := filtered_reply(fault)) is None:
        raise fault
    return reply


class Connection:
    """One API and one key. Raises `ModelError` for a URL that is none and for a missing key.

    The key comes from the environment variable `key_env`, and is shown nowhere.
    """

    def __init__(self, url: str, *, key_env: str = "OPENAI_API_KEY", timeout: float = 60.0) -> None:
        if not timeout > 0:
            raise ModelError(f"A timeout of {timeout} s leaves no time: give more than 0.")
        imported()
        self.url = plain_url(url)
        self._key = key_from(key_env, self.url)
        self._timeout = timeout
        self._client: Client | None = None

    async def ask(self, body: Mapping[str, Any]) -> Answered:
        """Return the answer to one request, made once; to be called in one event loop only.

        What a filter withheld is an answer too. Raises `Fault` where none came.
        """
        if self._client is None:
            self._client = Client(self.url, self._key, self._timeout)
        try:
            return Answered(200, await self._client.post(body))
        except Fault as fault:
            if filtered_reply(fault) is None or fault.status is None:
                raise
            return Answered(fault.status, json.dumps(fault.body, ensure_ascii=False))

    async def close(self) -> None:
        """Close all connections; a later `ask` opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


class ModelCaller:
    """One model of a `Connection`: writes its requests, and learns from what it refuses."""

    def __init__(self, connection: Connection, model: str, options: Options | None = None) -> None:
        self.connection, self.model = connection, model
        self.options = options or Options()
        self.support = Support()

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return self.connection.url

    def body(
        self,
        prompt: str,
        decoding: Decoding,
        seed: int,
        index: int,
        response_format: Mapping[str, Any] | None = None,
    ) -> Body:
        """Return the request for reply `index` of a series with `seed`."""
        said = messages((Turn("user", prompt),), decoding, prefill=self.options.prefill)
        own = self._own(response_format)
        return self.support.body(self.model, said, decoding, reply_seed(seed, index), own)

    async def ask(self, body: Body) -> Answered:
        """Return the answer to a request. Raises `Fault` where none came."""
        return await self.connection.ask(body)

    async def close(self) -> None:
        """Close the connections, which the other models of the API use too."""
        await self.connection.close()

    def learn(self, body: Body, fault: Fault) -> bool:
        """Whether a refusal taught to ask otherwise: then the next `body` is another one.

        A model that shows no log-probabilities is asked for them no more. Raises `Fault` when a
        field that changes the law is refused.
        """
        if refused_field(body, fault) in ("logprobs", "top_logprobs"):
            self.options = replace(self.options, top_logprobs=0)
            return True
        return self.support.learn(body, fault, self._own(body.get("response_format")))

    def declines_format(self, body: Body, fault: Fault) -> bool:
        """Whether a refusal is about the shape of the reply that was asked for."""
        return (
            "response_format" in body
            and fault.status in (400, 403, 404, 422, 500, 501)
            and (
                refused_field(body, fault) == "response_format"
                or any(name in json.dumps(fault.body, default=str) for name in _SCHEMA_NAMES)
            )
        )

    def _own(self, response_format: Mapping[str, Any] | None) -> Body:
        shape = {} if response_format is None else {"response_format": dict(response_format)}
        return {**self.options.fields(self.url), **shape}


_SCHEMA_NAMES = (
    "response_format",
    "json_schema",
    "structured output",
    "json schema",
    "JSON schema",
)
