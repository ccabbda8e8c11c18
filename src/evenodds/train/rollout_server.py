"""Rollouts from a vLLM server: whether they can be had is said before anything is drawn."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.error import URLError
from urllib.request import urlopen

from evenodds.errors import RunError

SERVE = (
    "VLLM_SERVER_DEV_MODE=1 vllm serve MODEL --port 8000 --max-logprobs -1 "
    '--logprobs-mode processed_logprobs --weight-transfer-config \'{"backend": "nccl"}\''
)
"""How a server is started that TRL can send new weights to."""
SECONDS = 5.0


def check_server(url: str, *, on_cpu: bool) -> None:
    """Raise RunError unless rollouts can come from the vLLM server at `url`.

    TRL imports vLLM itself to talk with its server, and sends the weights over NCCL.
    """
    if find_spec("vllm") is None:
        raise RunError(
            f"vllm={url} needs vLLM beside TRL in this environment as well as on the server: run "
            f"`pip install 'trl[vllm]'`, start the server with `{SERVE}`, or leave vllm out"
        )
    if on_cpu:
        raise RunError(
            f"vllm={url} needs a GPU here too, for weights go to the server over NCCL, and this "
            "model is on the CPU: give --device cuda, or leave vllm out"
        )
    if not _answers(url):
        raise RunError(
            f"no vLLM server answers at {url}: start one with `{SERVE}` and wait until it answers, "
            "or leave vllm out"
        )


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=SECONDS) as reply:
            return bool(reply.status == 200)
    except (URLError, OSError, ValueError):
        return False
