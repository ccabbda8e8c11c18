"""The trainer of `dpo`: TRL's loss on pairs that are drawn from the model as it moves.

Traps of TRL 1.16, and what is done: a model in memory has no name to load its reference from, so
the reference is a frozen copy, or the log-probabilities that came with the pairs; a model with
adapters would get a second adapter, which would be saved, so it is removed and the reference is the
model with its adapter switched off; a tokenizer handed to Transformers rewrites the end tokens of
the model's configuration, so it is taken away again.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import datasets
import numpy as np
import torch
from torch.utils.data import DataLoader
from trl import DPOConfig
from trl import DPOTrainer as TrlTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from evenodds.errors import RunError
from evenodds.train.collate import collate
from evenodds.train.dpo import Question
from evenodds.train.job import Job
from evenodds.train.order import Order
from evenodds.train.pairs import Drawn, Listed, Pair, Pairing, allotted
from evenodds.train.rows import Row
from evenodds.train.steps import noise_at
from evenodds.train.taught import Taught, layout, settings

PENDING = "pairs.json"
AT_ONCE = 2**26  # log-probabilities held at once while pairs are drawn


class DpoTrainer(Taught, TrlTrainer):
    """Teaches questions: `job.prepared`. RunError for pairs that cannot be shared equally."""

    def __init__(self, job: Job) -> None:
        config = job.config
        self.count = config.batch * config.pairs
        if self.count % job.world.size:  # TRL gathers numbers of every pair, equally many of each
            raise RunError(
                f"{self.count} pairs a step (batch x pairs) cannot be shared equally by "
                f"{job.world.size} processes: make batch or pairs a multiple of {job.world.size}"
            )
        self.order = Order([task.level for task in job.tasks], config)
        self.waiting: dict[int, tuple[list[Pair], float]] = {}
        self.moved: list[float] = []
        kept = _pad_tokens(job.model)
        super().__init__(
            job=job,
            model=job.model,
            ref_model=_reference(job),
            args=_arguments(job),
            train_dataset=datasets.Dataset.from_dict({"prompt": [""]}),
            processing_class=copy.deepcopy(job.local.tokenizer),
            data_collator=DataCollatorForPreference(pad_token_id=0),
        )
        self.processing_class = None
        _pad_tokens(job.model, kept)
        if "ref" in getattr(job.model, "peft_config", {}):
            job.model.delete_adapter("ref")

    def seen(self) -> dict[str, float]:
        """The mean total variation of the prompts that were asked since the last time."""
        moved, self.moved = self.moved, []
        if self.config.report_to == "none":
            self._metrics["train"].clear()
        return {"tv": sum(moved) / len(moved)} if moved else {}

    def compute_loss(
        self,
        model: Any,
        inputs: Any,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """(1 - r) L + r R of one step, in nats."""
        step = self.state.global_step
        if step not in self.waiting:
            self.waiting = self._round(model, step)
        pairs, tv = self.waiting[step]
        batch = self._prepare_inputs_of_rows(self.data_collator([pair.columns() for pair in pairs]))
        loss = super().compute_loss(model, batch)
        share = self.job.world.size * len(pairs) / self.count
        self.moved.append(tv)
        return self.with_replay(model, 2 / self.config.beta * share * tv * loss)

    def _round(self, model: Any, step: int) -> dict[int, tuple[list[Pair], float]]:
        """Pairs for the steps from `step` to the round's end, of the model as it is now."""
        refresh = self.config.refresh
        last = min((step // refresh + 1) * refresh, self.config.steps)
        model.eval()
        drawn = {number: self._pairs(model, number) for number in range(step, last)}
        model.train()
        return drawn

    @torch.no_grad()
    def _pairs(self, model: Any, step: int) -> tuple[list[Pair], float]:
        """This process's pairs of a step, and the mean tv over the step's prompts."""
        asked = self._asked(step)
        pairings = self._pairings(model, asked)
        weights = [pairings[key].tv for key in asked]
        places = list(allotted(weights, self.count, self._rng(step, "start").random()))
        own = self.job.world.share(range(self.count))
        pairs = [
            pairings[asked[places[number][0]]].pair(places[number][1], self._rng(step, number))
            for number in own
        ]
        return pairs, sum(weights) / len(weights)

    def _asked(self, step: int) -> list[tuple[int, tuple[int, ...]]]:
        """(number of the question, ids of its prompt) for each prompt of a step."""
        noise = noise_at(step, self.config)
        return [
            (number, self._question(number).prompts.draw(self._rng(step, f"row {place}"), noise))
            for place, number in enumerate(self.order.drawn(step, self.config.batch))
        ]

    def _question(self, number: int) -> Question:
        return cast(Question, self.job.prepared[number])

    def _rng(self, step: int, name: object) -> random.Random:
        return random.Random(f"{self.config.seed} pairs {step} {name}")

    def _pairings(
        self, model: Any, asked: Sequence[tuple[int, tuple[int, ...]]]
    ) -> dict[tuple[int, tuple[int, ...]], Pairing]:
        """What each distinct prompt has to move; every process computes all of them."""
        found: dict[tuple[int, tuple[int, ...]], Pairing] = {}
        rows = {}
        for number, context in dict.fromkeys(asked):
            question = self._question(number)
            if question.trie is None:
                local, decoding = self.job.local, self.job.decoding
                found[number, context] = Drawn(question.task, context, local, decoding)
            else:
                trie = question.trie
                tree = (trie.tokens, trie.parents, trie.edges, trie.entropy)
                rows[number, context] = Row(context, *tree)
        return found | dict(zip(rows, self._listed(model, list(rows.values())), strict=True))

    def _listed(self, model: Any, rows: Sequence[Row]) -> Iterator[Listed]:
        vocabulary = self.job.model.get_output_embeddings().weight.shape[0]
        for block in _blocks(rows, AT_ONCE // vocabulary):
            how = layout(self.job, max(len(row) for row in block))
            batch = self._prepare_inputs_of_rows(collate(block, how))
            laws = self.logprobs(model, batch).double().cpu().numpy()
            cuts = np.cumsum([_nodes(row) for row in block])[:-1]
            yield from map(Listed, block, np.split(laws, cuts))

    def get_train_dataloader(self) -> Any:
        """The numbers of the steps: pairs are drawn when a step begins, and not before."""
        return DataLoader(cast(Any, range(self.config.steps)), collate_fn=_numbers)

    def _prepare_dataset(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        return dataset

    def _precompute_ref_logps(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        return dataset

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Leave the card to the run."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """What Taught keeps, and the pairs of this round that wait for their step."""
        step = self.state.global_step
        waiting = {
            number: {"pairs": [asdict(pair) for pair in pairs], "tv": tv}
            for number, (pairs, tv) in self.waiting.items()
            if number >= step
        }
        folder = Path(self.args.output_dir) / f"checkpoint-{step}"
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"processes": self.job.world.size, "waiting": waiting, "moved": self.moved}
        (folder / self._pending()).write_text(json.dumps(kept), "utf-8")
        super()._save_checkpoint(model, trial)

    def restore(self, checkpoint: Path) -> None:
        """Take up the clock, the means, and the pairs that waited.

        With another number of processes the rest of the round gets new pairs.
        """
        super().restore(checkpoint)
        path = checkpoint / self._pending()
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if kept.get("processes") == self.job.world.size:
            self.waiting = {
                int(step): ([Pair.from_json(pair) for pair in drawn["pairs"]], drawn["tv"])
                for step, drawn in kept["waiting"].items()
            }
            self.moved = kept["moved"]

    def _pending(self) -> str:
        """Each process keeps its own pairs."""
        return f"{self.job.world.rank}-{PENDING}"


def _arguments(job: Job) -> Any:
    return DPOConfig(
        per_device_train_batch_size=1,
        beta=job.config.beta,
        max_length=None,
        precompute_ref_log_probs=job.config.reference == "round",
        **settings(job),
    )


def _reference(job: Job) -> Any:
    """A frozen copy of the untrained model, where one is needed."""
    if job.config.reference == "round" or job.config.lora is not None:
        return None
    return copy.deepcopy(job.model).eval().requires_grad_(False)


def _pad_tokens(model: Any, kept: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
    """The pad tokens that a model's configurations name; `kept` is put in their place."""
    configs = model.config.get_text_config(), model.generation_config
    for config, token in zip(configs, kept or (), strict=False):
        config.pad_token_id = token
    return configs[0].pad_token_id, configs[1].pad_token_id


def _blocks(rows: Sequence[Row], limit: int) -> Iterator[list[Row]]:
    """Runs of rows with up to `limit` nodes together, or of one row."""
    block: list[Row] = []
    for row in rows:
        if block and sum(map(_nodes, [*block, row])) > limit:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _nodes(row: Row) -> int:
    return len({node for node, _, _ in row.edges})


def _numbers(steps: list[int]) -> dict[str, Any]:
    """The collator: a step's number stands for its pairs."""
    return {"step": torch.tensor(steps)}
