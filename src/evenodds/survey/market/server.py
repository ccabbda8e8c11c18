"""The market's HTTP server: asyncio and nothing else, cheap enough to share a core with a client.

Paths: POST .../chat/completions; GET .../models; GET /truth (add ?rows=1 for every billed call).
HTTP/1.1 with keep-alive; bodies have a Content-Length.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import struct
from collections.abc import Callable, Mapping
from typing import cast

from evenodds.errors import RunError
from evenodds.survey.market.exchange import Exchange, Sent

__all__ = ["Connection", "served", "serving"]

_WORDS = {200: "OK", 400: "Bad Request", 404: "Not Found", 411: "Length Required"}
_WORDS |= {429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway"}
_WORDS |= {503: "Service Unavailable"}
_MOST_BYTES = 8 * 2**20
_NOT_FOUND = Sent(404, b'{"error": {"message": "There is no such path.", "code": 404}}')
_NO_LENGTH = Sent(411, b'{"error": {"message": "Send a Content-Length.", "code": 411}}')


class Connection(asyncio.Protocol):
    """One client's connection: requests are answered one after the other."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was to be sent."""
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Take bytes; answer when a request is whole and none is under way."""
        self._buffer += data
        if self._timer is None:
            self._next()

    def _next(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end])
        size = _length(head)
        if size is None or size > _MOST_BYTES:
            self._send(_NO_LENGTH, last=True)
            return
        if len(self._buffer) < end + 4 + size:
            if b"100-continue" in head.lower():
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        body = bytes(self._buffer[end + 4 : end + 4 + size])
        del self._buffer[: end + 4 + size]
        method, _, rest = head.partition(b" ")
        self._later(self._routed(method, rest.partition(b" ")[0].decode("latin-1"), body))

    def _routed(self, method: bytes, target: str, body: bytes) -> Sent:
        path, _, query = target.partition("?")
        if method == b"POST" and path.endswith("/chat/completions"):
            return self._exchange.answer(body)
        if method == b"GET" and path.endswith("/models"):
            return _json(self._exchange.listing())
        if method == b"GET" and path.endswith("/truth"):
            rows = [row.to_json() for row in self._exchange.bill.rows] if "rows=1" in query else []
            return _json({**self._exchange.truth(), "rows": rows})
        return _NOT_FOUND

    def _later(self, sent: Sent) -> None:
        loop = asyncio.get_running_loop()
        if sent.hangs:
            stall = self._exchange.setup.stall
            self._timer = loop.call_later(stall, self._transport.abort)
        elif sent.delay > 0:
            self._timer = loop.call_later(sent.delay, self._send, sent)
        else:
            self._send(sent)

    def _send(self, sent: Sent, last: bool = False) -> None:
        self._timer = None
        if sent.torn:
            self._reset()
            return
        self._transport.write(_headed(sent.status, sent.headers, len(sent.body)) + sent.body)
        if last:
            self._transport.close()
        elif self._buffer:
            self._next()

    def _reset(self) -> None:
        """End the connection with a TCP reset."""
        found: socket.socket | None = self._transport.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def _length(head: bytes) -> int | None:
    """The Content-Length of a request's head, 0 where there is none, None for one that is none."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"transfer-encoding":
            return None
        if name.lower() == b"content-length":
            return int(value) if value.strip().isdigit() else None
    return 0


def _headed(status: int, headers: Mapping[str, str], size: int) -> bytes:
    told = {"Content-Type": "application/json", **headers, "Content-Length": str(size)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} {_WORDS.get(status, 'Other')}\r\n{lines}\r\n".encode()


def _json(record: object) -> Sent:
    return Sent(200, json.dumps(record).encode())


async def served(exchange: Exchange) -> asyncio.Server:
    """The server, listening. Raises OSError where the port is taken."""
    loop = asyncio.get_running_loop()
    setup = exchange.setup
    return await loop.create_server(
        lambda: Connection(exchange), setup.host, setup.port, backlog=1024
    )


async def serving(exchange: Exchange, ready: Callable[[int], None]) -> None:
    """Serve for ever; `ready` is told the port. Raises RunError where the port is taken."""
    try:
        server = await served(exchange)
    except OSError as error:
        raise RunError(
            f"Port {exchange.setup.port} cannot be used ({error.strerror}): choose another, or 0."
        ) from None
    ready(server.sockets[0].getsockname()[1])
    gc.collect()
    gc.freeze()
    async with server:
        await server.serve_forever()
