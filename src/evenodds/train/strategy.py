"""How several processes train one model: each with a whole copy (DDP), or each with a part (FSDP).

Who asks for a strategy gets it or an error: on machines without GPUs accelerate takes DDP where
FSDP was asked for, and says nothing.
"""

from __future__ import annotations

import os
from typing import Any

from evenodds.errors import RunError
from evenodds.train.config import TrainConfig
from evenodds.train.world import World

SHARDED = ("match", "sft", "moments", "grpo")
"""The methods in which every process makes the same forward passes, as FSDP needs it."""

_NAMES = {"NO": "one process", "MULTI_CPU": "ddp", "MULTI_GPU": "ddp", "FSDP": "fsdp"}


def asked(config: TrainConfig) -> str:
    """The strategy that was asked for, "auto" where none was.

    "fsdp" may come from the options of the run or from the configuration of `accelerate launch`.
    """
    if config.strategy == "auto" and _accelerate_asks():
        return "fsdp"
    return config.strategy


def possible(config: TrainConfig, world: World, *, on_cpu: bool) -> None:
    """Raise RunError, before anything is written, for a strategy that cannot be here."""
    wanted = asked(config)
    if config.strategy == "ddp" and _accelerate_asks():
        raise _conflict()
    if wanted != "auto" and world.size == 1:
        raise RunError(
            f"strategy={wanted!r} is for several processes and this is one: start them with "
            "`torchrun --nproc-per-node N -m evenodds train ...`, or leave the strategy out"
        )
    if wanted == "fsdp" and on_cpu:
        raise RunError(
            "strategy='fsdp' needs a GPU for every process and the model is on the CPU, where "
            "every process would hold all of it (ddp): leave the strategy out, or use GPUs"
        )
    if wanted == "fsdp":
        _needs_whole_models(config)
        _needs_equal_passes(config, world)


def _needs_equal_passes(config: TrainConfig, world: World) -> None:
    """Raise RunError where some processes would run the model and others would not.

    Under FSDP a forward pass gathers weights from all, so one that is made alone never ends.
    """
    if config.method not in SHARDED:
        raise RunError(
            f"with fsdp every process makes the same forward passes, and in {config.method} each "
            f"asks the model for itself: take one of {', '.join(SHARDED)}, or leave fsdp out"
        )
    if getattr(config, "rollouts", "generate") != "generate":
        raise RunError(
            "rollouts='shared' draws in each process for itself, and with fsdp all must generate "
            "together: give --set rollouts=generate"
        )
    if config.replay and config.replay_rows < world.size:
        raise RunError(
            f"replay_rows={config.replay_rows} leaves some of {world.size} processes without one, "
            f"and with fsdp all must take part: give --set replay_rows={world.size} or more"
        )


def _needs_whole_models(config: TrainConfig) -> None:
    """Raise RunError for options that need all weights of the model in every process."""
    if config.average:
        raise RunError(
            f"average={config.average} keeps a mean of all weights in every process, and with fsdp "
            "none holds them all: give --average 0"
        )
    if config.replay and config.replay_loss == "kl" and config.lora is None:
        raise RunError(
            "replay_loss='kl' keeps a whole copy of the untrained model in every process, and with "
            "fsdp that is not to be: give --replay-loss ce, or --lora RANK"
        )


def arguments(config: TrainConfig) -> dict[str, Any]:
    """What of Transformers' TrainingArguments brings the strategy about.

    Under DDP no search for unused parameters: every step's loss touches all (see `touched`). And no
    exchange of buffers at each forward pass (a language model's are constants): a process that has
    rows to replay makes one pass more than one that has none, and they would wait for each other.
    """
    if config.strategy == "fsdp" and not _accelerate_asks():
        options = {"version": 2, "state_dict_type": "FULL_STATE_DICT"}
        return {"fsdp": True, "fsdp_config": options}
    return {"ddp_find_unused_parameters": False, "ddp_broadcast_buffers": False}


def in_force(accelerator: Any) -> str:
    """The strategy that accelerate uses: "one process", "ddp", "fsdp" or its own name."""
    name = str(getattr(accelerator.distributed_type, "name", accelerator.distributed_type))
    return _NAMES.get(name, name.lower())


def check(config: TrainConfig, accelerator: Any) -> None:
    """Raise RunError unless the strategy that was asked for is in force."""
    wanted, found = asked(config), in_force(accelerator)
    if wanted not in ("auto", found):
        raise RunError(
            f"strategy={wanted!r} was asked for and {found} is in force "
            f"({accelerator.distributed_type}, {accelerator.num_processes} processes on "
            f"{accelerator.device.type}): mend the configuration of accelerate (docs/scaling.md), "
            "or leave the strategy out"
        )
    if found == "fsdp":
        _is_second(accelerator)


def _is_second(accelerator: Any) -> None:
    """Raise RunError for FSDP's first version, whose models cannot be asked while they train."""
    if not accelerator.is_fsdp2:
        raise RunError(
            "FSDP version 1 is in force, under which the model cannot be measured while it "
            "trains: set fsdp_version: 2 in the configuration of accelerate"
        )


def touched(loss: Any, model: Any, accelerator: Any) -> Any:
    """The same loss, with every trainable weight in its graph, as DDP wants it of each process.

    Experts that no token was sent to, say, then have a gradient of zero.
    """
    if in_force(accelerator) != "ddp":
        return loss
    return loss + 0.0 * sum(p.sum() for p in model.parameters() if p.requires_grad)


def whole_state(accelerator: Any, model: Any) -> dict[str, Any] | None:
    """All weights at the first process where FSDP has shared them out; every process must ask.

    Tied weights are in it once. None where each process has all weights anyway.
    """
    if in_force(accelerator) != "fsdp":
        return None
    tied = getattr(model, "all_tied_weights_keys", {})
    state: dict[str, Any] = accelerator.get_state_dict(model)
    return {name: weight for name, weight in state.items() if name not in tied}


def _accelerate_asks() -> bool:
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() in ("true", "1")


def _conflict() -> RunError:
    return RunError(
        "strategy='ddp' and the configuration of accelerate asks for FSDP: leave one of them out"
    )
