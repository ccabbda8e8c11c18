"""Processes that run cells: started afresh, one thread each, gone when the study is."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """`workers` processes to submit calls to; on an error, Ctrl-C included, they are ended at once.

    They are spawned, not forked, for a forked torch may hang; each computes in one thread.
    """
    others = set(active_children())
    with _one_thread_each():
        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin)
        try:
            yield pool
        except BaseException:
            for child in set(active_children()) - others:
                child.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Within the block, processes that are started find one thread wanted in their environment."""
    former = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in former.items():
            os.environ.pop(name)
            os.environ.update({name: value} if value is not None else {})


def _begin() -> None:
    """Out of reach of the terminal's Ctrl-C, which the study passes on; never without the study.

    A run that hears Ctrl-C ends early and in order, and its row would look like any other.
    """
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    threading.Thread(target=_end_with_the_study, daemon=True).start()


def _end_with_the_study() -> None:
    study = parent_process()
    if study is not None:
        wait([study.sentinel])
        os._exit(1)
