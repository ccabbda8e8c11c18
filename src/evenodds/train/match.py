"""`match`: cross-entropy against the exact next-token target at each node of an answer's tree.

The loss of a step is (1 - r) L + r R. L is the mean over the step's tasks of the cross-entropy of
whole answers, which is KL(target, model) plus a constant, with no sampling noise; R is the mean
over replayed replies of their cross-entropy per token (or of the KL to the untrained model along
them); r is the replay share. Transformers' `Trainer` carries the loop, checkpoints and resume.
"""

from __future__ import annotations

import contextlib
import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import SequentialSampler
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from evenodds.ledger.files import write_atomically
from evenodds.train import losses
from evenodds.train.average import Average
from evenodds.train.config import MatchConfig
from evenodds.train.events import Event
from evenodds.train.forward import Forward, node_weight, task_loss
from evenodds.train.steps import Steps
from evenodds.train.watch import Clock, Watch

STATE = "evenodds.json"
AVERAGE = "average.safetensors"


class MatchTrainer(Trainer):
    """The `Trainer` of a `match` run: its loss, its learning rate, its checkpoints."""

    def __init__(
        self,
        model: Any,
        steps: Steps,
        config: MatchConfig,
        folder: Path,
        *,
        clock: Clock,
        tell: Callable[[Event], None],
        probe: Callable[[], dict[str, float]] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.config, self.clock = config, clock
        self.reference = _reference(model, config)
        self.forward = Forward(model)
        self.average = Average(model, config.average)
        super().__init__(
            model=model,
            args=_arguments(config, folder, next(model.parameters()).device),
            train_dataset=steps,
            data_collator=_only,
        )
        self.pop_callback(PrinterCallback)
        self.watch = Watch(self, tell, probe, stopped)
        self.add_callback(self.watch)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """(1 - r) L + r R of one step's batch, in nats."""
        taught = task_loss(
            self._logprobs(model, inputs["tasks"]), inputs["tasks"], self.config.divergence
        )
        kept = self._replay_loss(model, inputs["replay"]) if "replay" in inputs else None
        self.watch.see(taught, inputs["entropy"], kept)
        share = self.config.replay
        return taught if kept is None else (1 - share) * taught + share * kept

    def _logprobs(self, model: Any, batch: dict[str, Any]) -> Any:
        if model is not self.model:  # wrapped for several processes: its own forward must run
            self.forward.gathers = False
        return self.forward.logprobs(model, batch)

    def _replay_loss(self, model: Any, batch: dict[str, Any]) -> Any:
        logprob = self._logprobs(model, batch)
        if self.config.replay_loss == "ce":
            return task_loss(logprob, batch, "forward")
        with torch.no_grad(), self.reference() as reference:
            target = self.forward_of(reference).logprobs(reference, batch).exp()
        return losses.kl_forward(target, logprob, node_weight(batch))

    def forward_of(self, reference: Any) -> Forward:
        """The `Forward` of the untrained model, made once."""
        if not hasattr(self, "_reference_forward"):
            self._reference_forward = Forward(reference)
        return self._reference_forward

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return SequentialSampler(train_dataset or self.train_dataset)

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The learning rate's fall, by steps or by CPU seconds, whichever runs out first."""
        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, self._lr_factor)
        self._created_lr_scheduler = True
        return self.lr_scheduler

    def _lr_factor(self, step: int) -> float:
        limit = self.config.seconds
        spent = self.clock.seconds() / limit if limit else 0.0
        progress = min(1.0, max(step / self.config.steps, spent))
        return lr_factor(self.config, step, progress)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Transformers' checkpoint and, written last, the file that marks it whole."""
        super()._save_checkpoint(model, trial)
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        if self.average.mean:
            self.average.save(folder / AVERAGE)
        write_atomically(folder / STATE, json.dumps(self.watch.state()))

    def restore(self, checkpoint: Path) -> None:
        """Take up what Transformers does not keep: the clock, the means."""
        self.watch.restore(json.loads((checkpoint / STATE).read_text("utf-8")))
        if self.average.mean:
            self.average.load(checkpoint / AVERAGE)


def lr_factor(config: MatchConfig, step: int, progress: float) -> float:
    """The learning rate at `step` as a share of its peak; `progress` runs from 0 to 1."""
    rise = min(1.0, (step + 1) / (config.warmup + 1))
    fall = {
        "constant": 1.0,
        "linear": 1 - progress,
        "cosine": (1 + math.cos(math.pi * progress)) / 2,
    }
    return rise * fall[config.schedule]


def _reference(model: Any, config: MatchConfig) -> Callable[[], Any]:
    """A context that gives the untrained model: the adapters switched off, or a frozen copy."""
    if not config.replay or config.replay_loss == "ce":
        return lambda: contextlib.nullcontext(model)
    if config.lora is not None:
        return lambda: _without_adapter(model)
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    return lambda: contextlib.nullcontext(frozen)


@contextlib.contextmanager
def _without_adapter(model: Any) -> Any:
    with model.disable_adapter():
        yield model


def _only(examples: list[dict[str, Any]]) -> dict[str, Any]:
    """The collator: one example is one step's whole batch."""
    return examples[0]


def _arguments(config: MatchConfig, folder: Path, device: Any) -> TrainingArguments:
    on_cpu = device.type == "cpu"
    arguments = TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        per_device_train_batch_size=1,
        max_steps=config.steps,
        learning_rate=config.lr,
        max_grad_norm=config.clip,
        weight_decay=0.0,
        seed=config.seed,
        save_strategy="steps",
        save_steps=config.checkpoint_every,
        save_total_limit=2,
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        use_cpu=on_cpu,
        dataloader_pin_memory=False,
        bf16=False,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # DataParallel cannot split a tree of rows
    return arguments
