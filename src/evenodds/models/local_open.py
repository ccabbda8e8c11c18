"""Finding a Hugging Face model on disk or on the hub, and saying plainly why one cannot be read."""

from __future__ import annotations

import logging
import os
import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import torch
import transformers
from huggingface_hub import constants as hub
from huggingface_hub import snapshot_download
from huggingface_hub.utils import logging as hub_logging
from transformers.utils import logging as transformers_logging

from evenodds.errors import ModelError

_WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "tokenizer_*.json")
_REACH_SECONDS = 5.0
_HUB_ID = re.compile(r"[\w][\w.-]*(/[\w][\w.-]*)?")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' warnings and progress bars from the user while the block runs."""
    level, hub_level = transformers_logging.get_verbosity(), hub_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    hub_logging.set_verbosity(logging.ERROR)
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
        hub_logging.set_verbosity(hub_level)
        if bars:
            transformers_logging.enable_progress_bar()


def chosen_device(device: str | None) -> str:
    """Return the torch device to use: the one asked for, else cuda where there is one, else cpu.

    Of several processes on a machine (`torchrun` numbers them in LOCAL_RANK) each takes its own.
    """
    wanted = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if wanted == "cuda" and "LOCAL_RANK" in os.environ:
        wanted = f"cuda:{os.environ['LOCAL_RANK']}"
    try:
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError) as refusal:
        raise ModelError(
            f"The device {wanted!r} cannot be used here: give a device that this machine has, "
            "for example cpu."
        ) from refusal
    return wanted


def chosen_dtype(dtype: str | None, device: str) -> torch.dtype:
    """Return the dtype to load weights in: the one asked for, else bf16 on cuda, fp32 elsewhere."""
    names = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    wanted = dtype or ("bfloat16" if device.startswith("cuda") else "float32")
    if wanted not in names:
        raise ModelError(f"{wanted!r} is no dtype for a model: give one of {', '.join(names)}.")
    return names[wanted]


def open_model(source: str, device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Return (model, tokenizer) of a folder or a hub id, the model in eval mode on `device`.

    Raises `ModelError` when there is no such model, the folder is none, or it cannot be read.
    """
    folder = _checked_folder(source)
    where = source if folder is None else str(folder)
    here = folder is not None or not hub_is_reachable()
    with quiet():
        tokenizer = _read(where, transformers.AutoTokenizer, folder, local_files_only=here)
        model = _read(
            where, transformers.AutoModelForCausalLM, folder, local_files_only=here, dtype=dtype
        )
    return model.to(device).eval(), tokenizer


def hub_is_reachable() -> bool:
    """Say within seconds whether the hub answers, where its own client would retry for a minute.

    Where it does not, models that were downloaded before still load. A proxy is trusted to reach
    it.
    """
    if hub.HF_HUB_OFFLINE or getproxies():
        return not hub.HF_HUB_OFFLINE
    place = urlsplit(hub.ENDPOINT)
    port = place.port or (80 if place.scheme == "http" else 443)
    try:
        socket.create_connection((place.hostname or "", port), timeout=_REACH_SECONDS).close()
    except OSError:
        return False
    return True


def with_adapter(model: Any, adapter: str) -> Any:
    """Return the model with a PEFT adapter's layers in place and active (they are not merged)."""
    try:
        from peft import PeftModel
    except ImportError as missing:
        raise ModelError(
            "An adapter needs peft, which is not installed: run `pip install 'evenodds[train]'`."
        ) from missing
    path = Path(adapter).expanduser()
    if path.exists() and not (path / "adapter_config.json").is_file():
        raise ModelError(
            f"{adapter} is no PEFT adapter (it has no adapter_config.json): give the folder that "
            "`save_pretrained` of a PEFT model wrote."
        )
    folder = path if path.exists() else _fetched(adapter)
    try:
        with quiet():
            return PeftModel.from_pretrained(model, str(folder)).get_base_model().eval()
    except Exception as refusal:
        raise ModelError(
            f"The adapter {adapter!r} cannot be put on this model ({_first_line(refusal)}): give "
            "an adapter that was trained on it."
        ) from refusal


def _fetched(adapter: str) -> Path:
    """Return the folder of an adapter of the hub, from the cache where the hub does not answer."""
    here = not hub_is_reachable()
    try:
        with quiet():
            found = snapshot_download(adapter, allow_patterns="adapter_*", local_files_only=here)
    except Exception as refusal:  # an id that is none, a cache without it, a hub that declines
        raise ModelError(
            f"The adapter {adapter!r} is neither a folder here nor to be had from the Hugging Face "
            "hub: check the spelling and the network, or download it first and give its folder."
        ) from refusal
    return Path(found)


def _checked_folder(source: str) -> Path | None:
    """Return the folder that `source` names, None for a hub id; `ModelError` for neither."""
    path = Path(source).expanduser()
    if path.is_dir():
        _check_contents(path)
        return path
    if path.is_file():
        raise ModelError(f"{source} is a file: give the folder that holds the model.")
    if not _HUB_ID.fullmatch(source) or source.count("/") > 1:
        raise ModelError(
            f"There is no model at {source!r}: give an existing folder, a Hugging Face id such as "
            "Qwen/Qwen3-0.6B, or tiny."
        )
    return None


def _check_contents(folder: Path) -> None:
    def has(*patterns: str) -> bool:
        return any(next(folder.glob(pattern), None) is not None for pattern in patterns)

    if has("adapter_config.json") and not has("config.json"):
        raise ModelError(
            f"{folder} is an adapter, not a model: load its base model and give the folder as the "
            "adapter."
        )
    needs = {
        "config.json": has("config.json"),
        "weights (*.safetensors)": has(*_WEIGHTS),
        "tokenizer (tokenizer.json)": has(*_TOKENIZERS),
    }
    missing = [name for name, there in needs.items() if not there]
    if missing:
        raise ModelError(
            f"{folder} is no Hugging Face model, it has no {' and no '.join(missing)}: give a "
            "folder that `save_pretrained` of a model and its tokenizer wrote."
        )


def _read(where: str, reader: Any, folder: Path | None, **options: Any) -> Any:
    try:
        return reader.from_pretrained(where, **options)
    except Exception as refusal:  # a dozen kinds, from OSError to KeyError, by library and version
        if folder is not None:
            raise ModelError(
                f"The model in {folder} cannot be read ({_first_line(refusal)}): its files may be "
                "damaged or of a kind that this version of transformers does not know."
            ) from refusal
        raise ModelError(
            f"The model {where!r} is neither a folder here nor to be had from the Hugging Face hub "
            f"({_first_line(refusal)}): check the spelling and the network, log in if it is gated, "
            "or download it first and give its folder."
        ) from refusal


def _first_line(refusal: BaseException) -> str:
    """Return the first line of what a library said, cut to a readable length."""
    lines = str(refusal).strip().splitlines() or [type(refusal).__name__]
    return lines[0][:160].rstrip(" .:")
