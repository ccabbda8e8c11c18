"""GET /models of an endpoint: the one request that a catalogue makes; and whether one listens."""

from __future__ import annotations

import json
import os
import socket
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from evenodds.errors import ModelError
from evenodds.models.endpoint_client import plain_url
from evenodds.models.endpoint_fault import parsed, redacted, words

__all__ = ["api_url", "demand_reachable", "fetch_listing"]

_MOST_BYTES = 64 * 2**20
_LONGEST = 1e6
_OTHERWISE = ", or write the models' ids to a .txt file, one a line, and name that instead"


def api_url(url: str) -> str:
    """The base URL of an API, also where its `/models` was named. Raises ModelError.

    >>> api_url("http://localhost:8000/v1/models")
    'http://localhost:8000/v1'
    """
    parts = urlsplit(plain_url(url))
    return urlunsplit(parts._replace(path=parts.path.removesuffix("/models")))


def fetch_listing(url: str, *, key_env: str = "OPENAI_API_KEY", timeout: float = 30.0) -> Any:
    """The JSON of an endpoint's `/models`; the key goes along where the environment holds one.

    Raises ModelError, without the key in its words: cannot be reached, refused, late, no
    JSON; and for a timeout that is none.
    """
    if not 0 < timeout < _LONGEST:
        raise ModelError(f"A timeout of {timeout:g} s is none: give a number of seconds above 0.")
    parts = urlsplit(api_url(url))
    request = urllib.request.Request(urlunsplit(parts._replace(path=f"{parts.path}/models")))
    request.add_header("Accept", "application/json")
    key = os.environ.get(key_env, "").strip()
    if key and key.isascii() and key.isprintable():
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read(_MOST_BYTES).decode("utf-8", "replace")
        return json.loads(text)
    except urllib.error.HTTPError as error:
        with error:
            said = words(parsed(error.read(_MOST_BYTES).decode("utf-8", "replace")))
        told = f"answered {error.code} to GET /models: {redacted(said, key)}"
        advice = f": set {key_env}" if error.code in (401, 403) else _OTHERWISE
        raise ModelError(f"{parts.netloc} {told}; check the URL{advice}.") from None
    except TimeoutError:
        raise ModelError(
            f"{parts.netloc} sent no listing within {timeout:g} s: try again, or raise the timeout."
        ) from None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise ModelError(
            f"{parts.netloc} sent no listing ({redacted(_reason(error), key)}): check the URL, "
            "which is the API's base and often ends in /v1, and that the server runs."
        ) from None


def demand_reachable(url: str, timeout: float = 30.0) -> None:
    """Refuse a URL at which nobody listens. Raises ModelError. Behind a proxy nothing is tried."""
    parts = urlsplit(plain_url(url))
    host = parts.hostname or ""
    if parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), timeout).close()
    except OSError as error:
        raise ModelError(
            f"{parts.netloc} cannot be reached ({_reason(error)}): check the URL, and that the "
            "server runs."
        ) from None


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return " ".join(str(cause).split())[:160] or type(error).__name__
