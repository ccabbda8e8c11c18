"""The untrained model that `beta` holds a GRPO run to."""

from __future__ import annotations

from typing import Any

from trl.trainer.utils import add_fused_lm_head


def reference(trainer: Any, untrained: Any) -> Any:
    """`untrained`, frozen and as TRL wants it; None where it is None.

    TRL would load it by the name in the model's config, which may be another model, or none. With
    LoRA it needs none: it switches the adapters off.
    """
    if untrained is None:
        return None
    untrained.eval().requires_grad_(False)
    add_fused_lm_head(untrained)
    return trainer.accelerator.prepare_model(untrained, evaluation_mode=True)
