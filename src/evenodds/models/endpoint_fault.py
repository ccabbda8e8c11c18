"""What goes wrong on the way to an endpoint: typed, never an answer, and with no key in its words.

A fault says whether asking again may help. It becomes a `ModelError` when asking again did not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*(?:>|$)", re.IGNORECASE | re.DOTALL)
_AGAIN = frozenset({408, 409, 425, 429})
_HOPELESS_CODES = ("insufficient_quota", "invalid_api_key", "billing_hard_limit_reached")
_ADVICE = {
    401: "check the key",
    402: "add credit to the account",
    403: "check what the key may use",
    404: "check the model's name and that the URL is the API's base (it often ends in /v1)",
}


class Fault(Exception):  # noqa: N818  it is data on its way
    """A call that brought no reply.

    `again`: asking again may help. `wait`: seconds that the server asked to wait, if it did.
    `advice`: what a person can do. `status` and `body`: what the server sent, where it did.
    `sent`: whether the request may have left this machine, so that it may be billed.
    """

    def __init__(
        self,
        said: str,
        *,
        again: bool,
        wait: float | None = None,
        advice: str = "",
        status: int | None = None,
        body: Any = None,
        sent: bool = True,
    ) -> None:
        super().__init__(said)
        self.said, self.again, self.wait, self.advice = said, again, wait, advice
        self.status, self.body, self.sent = status, body, sent


def redacted(text: str, key: str | None) -> str:
    """Return the text without the key, wherever it stood."""
    return text.replace(key, "***") if key and len(key) > 3 else text


def parsed(text: str) -> Any:
    """Return JSON values, NaN and infinities as None; a text that is no JSON is returned as it is.

    >>> parsed('{"a": NaN}'), parsed("<html>")
    ({'a': None}, '<html>')
    """
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return text


def status_fault(status: int, headers: Mapping[str, str], text: str) -> Fault:
    """Return the fault that an error status amounts to (4xx and 5xx)."""
    body = parsed(text)
    told = headers.get("x-should-retry", "").lower()
    again = (status in _AGAIN or status >= 500) and told != "false" and not _is_hopeless(body)
    return Fault(
        f"answered {status}: {words(body)}",
        again=again,
        wait=retry_after(headers),
        advice=_ADVICE.get(status, ""),
        status=status,
        body=body,
    )


def body_fault(record: Mapping[str, Any]) -> Fault:
    """Return the fault that a 200 reply holds whose body is an error."""
    error = record.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    known = code if isinstance(code, int) else None
    hopeless = known is not None and 400 <= known < 500 and known not in _AGAIN
    return Fault(
        f"answered 200 with an error in it: {words(record)}",
        again=not hopeless and not _is_hopeless(record),
        advice=_ADVICE.get(known or 0, ""),
        status=known,
        body=record,
    )


def words(body: Any, size: int = 300) -> str:
    """Return what an error body says, in one short line."""
    if isinstance(body, str):
        text = _TAGS.sub(" ", body) if "<" in body else body
    else:
        text = _message(body)
    line = " ".join(text.split()) or "nothing more was said"
    return line if len(line) <= size else line[: size - 3] + "..."


def _message(body: Any) -> str:
    """Return the message in one of the shapes that vendors send, else the body itself."""
    if isinstance(body, list) and body:
        return _message(body[0])
    for name in ("error", "message", "detail"):
        inner = body.get(name) if isinstance(body, Mapping) else None
        if isinstance(inner, str) and inner:
            return inner
        if isinstance(inner, Mapping | list) and inner:
            return _message(inner)
    return json.dumps(body, ensure_ascii=False)


def _is_hopeless(body: Any) -> bool:
    """Whether a code says that asking again is in vain, whatever the status."""
    error = body.get("error") if isinstance(body, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    return any(str(error.get(name)) in _HOPELESS_CODES for name in ("code", "type"))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that the headers ask for, None where they ask for none.

    Reads `retry-after-ms`, and `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
