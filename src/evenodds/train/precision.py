"""In which precision a run computes, by where its model is and how it was loaded.

Weights that AdamW moves are float32: a bfloat16 has a grain of 2^-8 of its size, which swallows
most of AdamW's steps. Of a model that was loaded in bfloat16 onto an accelerator the products of
the layers stay in bfloat16 (autocast); the output's are float32, for the laws come from it.
"""

from __future__ import annotations

from typing import Any

from evenodds.train.config import TrainConfig


def widened(model: Any, config: TrainConfig) -> Any:
    """The model with weights that can be moved; those below LoRA's adapters stay as they are.

    On a CPU, where bfloat16 is slow, all are float32.
    """
    if model.device.type == "cpu" or config.lora is None:
        return model.float()
    return model


def halves(model: Any) -> bool:
    """True where the products of the layers are to be in bfloat16."""
    loaded = str(getattr(model.config.get_text_config(), "dtype", None))
    return bool(model.device.type != "cpu" and loaded.endswith("bfloat16"))
