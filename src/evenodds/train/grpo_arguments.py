"""TRL's arguments for a GRPO run."""

from __future__ import annotations

from typing import Any

from trl import GRPOConfig

from evenodds.train.grpo import GrpoConfig
from evenodds.train.grpo_groups import share
from evenodds.train.job import Job
from evenodds.train.taught import settings

CLIP_LOW = 0.2


def arguments(job: Job) -> GRPOConfig:
    """What TRL is told; the reference model of `beta` comes from the job, so it is not named."""
    config: GrpoConfig = job.config
    mine = share(config, len(job.tasks), job.world)
    return GRPOConfig(
        **settings(job),
        per_device_train_batch_size=mine.rows,
        gradient_accumulation_steps=mine.passes,
        num_generations=config.group,
        num_iterations=config.iterations,
        max_completion_length=config.completion or job.decoding.max_new_tokens,
        epsilon=CLIP_LOW,
        epsilon_high=config.clip_high,
        scale_rewards=config.scale,
        shuffle_dataset=False,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        **_entropy(config, job.prepared.entropy_target),
        **_server(config),
    )


def _entropy(config: GrpoConfig, target: float) -> dict[str, Any]:
    if config.entropy_mode != "adaptive":
        return {"entropy_coef": config.entropy}
    return {
        "use_adaptive_entropy": True,
        "entropy_coef": config.entropy,
        "entropy_coef_max": config.entropy,
        "entropy_coef_delta": config.entropy / STEPS_UP,
        "entropy_target": target,
    }


STEPS_UP = 20
"""Steps in which the adaptive coefficient goes from nothing to its highest."""


def _server(config: GrpoConfig) -> dict[str, Any]:
    if config.vllm is None:
        return {}
    return {"use_vllm": True, "vllm_mode": "server", "vllm_server_base_url": config.vllm}
