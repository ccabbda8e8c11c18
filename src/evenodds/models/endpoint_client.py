"""One call to an OpenAI-compatible endpoint, by the `openai` client; and whose key it carries."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from evenodds.errors import ModelError
from evenodds.models.endpoint_fault import Fault, redacted, status_fault

_NO_KEY = "none"


def plain_url(url: str) -> str:
    """Return the base URL of an API, without `/chat/completions` and a closing slash.

    Raises `ModelError` for what is no web address, or holds a password.

    >>> plain_url("http://localhost:8000/v1/chat/completions")
    'http://localhost:8000/v1'
    """
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelError(
            f"{url[:80]!r} is no base URL of an API: give one such as https://api.openai.com/v1."
        )
    if "@" in parts.netloc:
        raise ModelError("The URL holds a user or a password: put the key into the environment.")
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def is_local(url: str) -> bool:
    """Whether a URL leads to this machine or its own network, where servers often take no key."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal"))
    return address.is_private or address.is_loopback


def key_from(key_env: str, url: str) -> str | None:
    """Return the key from the environment, None where a local server needs none.

    Raises `ModelError` that names the variable, never what it holds.
    """
    key = os.environ.get(key_env, "").strip()
    if not key and not is_local(url):
        raise ModelError(
            f"{urlsplit(url).hostname} needs a key, and the environment variable {key_env} holds "
            "none: set it, or name another variable as key_env."
        )
    if not key.isascii() or not key.isprintable():
        raise ModelError(f"What {key_env} holds is no key (it has odd characters): set it again.")
    return key or None


class Client:
    """A connection pool to one server; made and used inside one event loop."""

    def __init__(self, url: str, key: str | None, timeout: float) -> None:
        openai = imported()
        self._openai, self._key, self._timeout = openai, key, timeout
        self._client = openai.AsyncOpenAI(
            base_url=url, api_key=key or _NO_KEY, timeout=timeout, max_retries=0
        )

    async def post(self, body: Mapping[str, Any]) -> str:
        """Return the text of a 200 answer to a request. Raises `Fault` for everything else."""
        fields = {name: body[name] for name in body if name not in ("model", "messages")}
        create = self._client.chat.completions.with_raw_response.create
        try:
            async with asyncio.timeout(self._timeout):
                raw = await create(
                    model=body["model"], messages=body["messages"], extra_body=fields
                )
                content: bytes = raw.http_response.content
        except self._openai.APIStatusError as error:
            raise self._refusal(error) from None
        except (TimeoutError, self._openai.APITimeoutError):
            raise Fault(
                f"did not answer within {self._timeout:g} s", again=True, advice="raise the timeout"
            ) from None
        except self._openai.APIConnectionError as error:
            raise Fault(
                f"cannot be reached ({self._reason(error)})",
                again=True,
                advice="check the URL, and that the server runs",
                sent=type(error.__cause__).__name__ != "ConnectError",
            ) from None
        except (self._openai.OpenAIError, ValueError, TypeError) as error:
            raise Fault(f"failed ({self._reason(error)})", again=True) from None
        return redacted(content.decode("utf-8", "replace"), self._key)

    def _refusal(self, error: Any) -> Fault:
        response = error.response
        text = redacted(response.content.decode("utf-8", "replace"), self._key)
        return status_fault(response.status_code, response.headers, text)

    def _reason(self, error: BaseException) -> str:
        """Return the innermost words of an error, without the key."""
        cause = error.__cause__ or error
        return redacted(" ".join(str(cause).split())[:160] or type(cause).__name__, self._key)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def imported() -> Any:
    """Return the `openai` module. Raises `ModelError` that says what to install."""
    try:
        import openai
    except ImportError as missing:
        raise ModelError(
            f"Endpoints need {missing.name}, which is not installed: "
            "run `pip install 'evenodds[endpoint]'`."
        ) from missing
    return openai
