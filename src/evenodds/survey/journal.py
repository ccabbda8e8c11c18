"""One thread that writes for all: what many calls hand in meanwhile goes to disk together.

A commit waits for the disk; at 64 calls under way, one commit serves dozens of rows.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from typing import Protocol

from evenodds.survey.store_rows import Op

__all__ = ["Journal", "Writer"]


class Writer(Protocol):
    """What writes rows, all of them or none, and returns when they are on the disk."""

    def write(self, ops: Iterable[Op]) -> None:
        """Write rows in one transaction."""
        ...


class Journal:
    """Rows on their way to a `Writer`, in the order in which they were handed in.

    To be used in one event loop. After a failed write nothing more is written: every later `put`
    and `close` raises what the write raised.
    """

    def __init__(self, store: Writer) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Condition()
        self._rows: list[Op] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._ending = False
        self.failed: BaseException | None = None
        self.commits = 0
        self._thread = threading.Thread(target=self._work, name="evenodds-journal", daemon=True)
        self._thread.start()

    def post(self, *rows: Op) -> None:
        """Hand rows in without waiting for the disk."""
        self._hand_in(rows, None)

    async def put(self, *rows: Op) -> None:
        """Hand rows in, and wait until they and all earlier ones are on the disk."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._hand_in(rows, future)
        await future

    async def close(self) -> None:
        """Write what is left, and end the thread. Raises what a write raised."""
        with self._lock:
            self._ending = True
            self._lock.notify()
        await asyncio.to_thread(self._thread.join)
        if self.failed is not None:
            raise self.failed

    def _hand_in(self, rows: Sequence[Op], future: asyncio.Future[None] | None) -> None:
        if self.failed is not None:
            raise self.failed
        with self._lock:
            idle = not self._rows and not self._waiting
            self._rows += rows
            if future is not None:
                self._waiting.append(future)
            if idle and (self._rows or self._waiting):
                self._lock.notify()

    def _work(self) -> None:
        while self._write_some():
            pass

    def _write_some(self) -> bool:
        """Write what was handed in by now; False when there will be no more."""
        with self._lock:
            while not (self._rows or self._waiting or self._ending):
                self._lock.wait()
            rows, self._rows = self._rows, []
            waiting, self._waiting = self._waiting, []
            ending = self._ending
        try:
            if self.failed is None and rows:
                self._store.write(rows)
                self.commits += 1
        except BaseException as error:
            self.failed = error
        if waiting:
            self._loop.call_soon_threadsafe(_resolve, waiting, self.failed)
        return not (ending and not rows)


def _resolve(waiting: list[asyncio.Future[None]], failed: BaseException | None) -> None:
    for future in waiting:
        if future.done():
            continue
        if failed is None:
            future.set_result(None)
        else:
            future.set_exception(failed)
