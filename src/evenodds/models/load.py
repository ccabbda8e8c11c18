"""One door to every model: the embedded one, a Hugging Face id, or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evenodds.errors import ModelError

if TYPE_CHECKING:
    from evenodds.models.local import Local

TINY = Path(__file__).parent / "tiny" / "weights"
"""The folder of the embedded model."""


def load_model(
    name: str,
    *,
    adapter: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    threads: int | None = None,
) -> Local:
    """Load `tiny` (the embedded model), a Hugging Face id or a folder; torch is imported here.

    `adapter` is a PEFT adapter's id or folder, `device` a torch device name (default: cuda where
    there is one), `dtype` "float32", "bfloat16" or "float16", `threads` the number of CPU threads.
    Raises `ModelError` when the model cannot be found, read or used.
    """
    try:
        from evenodds.models.local import Local
    except ImportError as missing:
        raise ModelError(
            f"Local models need {missing.name}, which is not installed: "
            "run `pip install 'evenodds[local]'`."
        ) from missing
    source = str(TINY) if name == "tiny" else name
    local = Local.load(source, adapter=adapter, device=device, dtype=dtype, threads=threads)
    if name == "tiny" and adapter is None:
        local.name = "tiny"
    return local
