"""Cells on a Ray cluster: `run_grid(..., executor=RayExecutor())`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from typing import Any

from evenodds.errors import RunError


class RayExecutor(Executor):
    """Runs each call as a Ray task of one CPU, on the cluster at `address` (None: this machine).

    `address`: "auto" for the cluster that this machine belongs to, or "ray://host:10001". What the
    calls need (evenodds, the script's module) has to be installed there. Raises RunError where Ray
    is missing.
    """

    def __init__(self, address: str | None = None, **options: Any) -> None:
        try:
            ray = import_module("ray")
        except ImportError as missing:
            raise RunError("a cluster needs Ray: run `pip install 'evenodds[ray]'`") from missing
        self.ray = ray
        self.mine = not ray.is_initialized()
        if self.mine:
            ray.init(address=address, log_to_driver=False, **options)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start one call; its future is Ray's own."""
        task = self.ray.remote(fn).options(num_cpus=1, max_retries=0)
        future: Future[Any] = task.remote(*args, **kwargs).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, or end it where it was started here."""
        if self.mine:
            self.ray.shutdown()
