"""Which weights a run changes: all of them, all but the lower ones, or LoRA adapters."""

from __future__ import annotations

from typing import Any

from torch import nn

from evenodds.errors import RunError
from evenodds.train.config import TrainConfig


def make_trainable(model: Any, config: TrainConfig) -> Any:
    """The model with only the chosen weights trainable; wrapped by peft when LoRA is asked for.

    Raises RunError when LoRA is asked for and peft is missing, or nothing is left to train.
    """
    model.requires_grad_(config.lora is None)
    if config.lora is not None:
        return _with_lora(model, config.lora)
    for module in _frozen(model, config.freeze):
        module.requires_grad_(False)
    if not any(p.requires_grad for p in model.parameters()):
        raise RunError(f"freeze={config.freeze!r} leaves nothing to train in this model")
    return model


def _with_lora(model: Any, rank: int) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as missing:
        raise RunError("LoRA needs peft: run `pip install 'evenodds[train]'`.") from missing
    return get_peft_model(
        model,
        LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )


def _frozen(model: Any, freeze: str) -> list[nn.Module]:
    if freeze == "none":
        return []
    embeddings = [model.get_input_embeddings(), model.get_output_embeddings()]
    lower = _layers(model) if freeze == "lower" else []
    return [m for m in embeddings if m is not None] + lower[: len(lower) // 2]


def _layers(model: Any) -> list[nn.Module]:
    """The model's blocks: its longest list of modules."""
    lists = [list(m) for m in model.modules() if isinstance(m, nn.ModuleList)]
    return max(lists, key=len, default=[])
