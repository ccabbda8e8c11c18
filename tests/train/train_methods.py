"""A short run of every method on the small random model."""

from train_local import die_tasks, small_local

from evenodds.train.methods import METHODS, method
from evenodds.train.replay import Exchange
from evenodds.train.run import train

STEPS, EVERY = 6, 2
SHARED = {
    "steps": STEPS, "batch": 3, "lr": 5e-3, "warmup": 2, "noise": 0.3, "replay": 0.3,
    "replay_rows": 2, "log_every": 1, "probe_every": 0, "checkpoint_every": EVERY, "average": 0.5,
}  # fmt: skip
OWN = {
    "dpo": {"pairs": 2, "refresh": 3},
    "grpo": {"batch": 2, "group": 4, "completion": 8, "iterations": 2, "preflight": "off"},
    "option_b": {"answers": 2, "tokens": 24},
    "rejection": {"draws": 4, "tokens": 24},
}
REPLAY = [Exchange("Say hi.", "hi"), Exchange("2+2", "4"), Exchange("Name a pet.", "cat")]


def config_of(name, **options):
    return method(name).config(**{**SHARED, **OWN.get(name, {}), **options})


def run(name, out, local=None, resume=False, on_event=lambda event: None, **options):
    return train(
        local or small_local(), die_tasks(), config_of(name, **options), out,
        replay=REPLAY, resume=resume, on_event=on_event,
    )  # fmt: skip


__all__ = ["EVERY", "METHODS", "STEPS", "config_of", "run"]
