"""The embedded model behind a real OpenAI-compatible server, that of transformers itself."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evenodds.models.load import TINY

SAMPLES = {"generation_config": '{"do_sample": true, "top_k": 0}'}
"""What makes this server draw: left to itself it stays greedy at temperature 1."""


def greedy_copy(target: Path) -> Path:
    """The embedded model, without the setting by which its own configuration asks for draws."""
    shutil.copytree(TINY, target)
    settings = json.loads((target / "generation_config.json").read_text())
    (target / "generation_config.json").write_text(json.dumps({**settings, "do_sample": False}))
    return target


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The base URL of a server of the model in a folder; its name there is the folder's path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    environment |= {"HF_HUB_CACHE": str(folder.parent / "no-cache")}
    environment.pop("OPENAI_API_KEY", None)
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait(20)


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], seconds: int = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the server did not start")
