"""A GRPO trainer on the small random model, to be asked for one thing at a time."""

from pathlib import Path

import torch
from train_local import die_tasks, small_local

from evenodds.models.base import Decoding
from evenodds.train.grpo import METHOD, GrpoConfig
from evenodds.train.job import Job
from evenodds.train.run import _quiet

SMALL = {
    "steps": 4, "batch": 2, "group": 4, "lr": 5e-3, "completion": 8, "average": 0.0,
    "probe_every": 0, "checkpoint_every": 2, "log_every": 1, "preflight": "off",
}  # fmt: skip


def trainer_of(folder, local=None, tasks=None, decoding=None, **options):
    """The trainer, in training mode, before its first step."""
    local, tasks, decoding = local or small_local(), tasks or die_tasks(), decoding or Decoding()
    config = GrpoConfig(**{**SMALL, **options})
    prepared = METHOD.prepare(local, tasks, decoding, config)
    with _quiet():
        trainer = METHOD.build(
            Job(local, local.model, tasks, prepared, config, Path(folder) / "c", decoding)
        )
    trainer.model.train()
    trainer.current_gradient_accumulation_steps = trainer.args.gradient_accumulation_steps
    return trainer


def rows_of(trainer, step=0):
    """What the trainer asks at a step."""
    return trainer.get_train_dataloader().dataset[step]


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
