"""TRL's GRPO trainer with evenodds' prompts, draws, rewards over whole groups, and the witness."""

from __future__ import annotations

import copy
from statistics import fmean
from typing import Any

import torch
from accelerate.utils import gather_object
from datasets import Dataset
from torch.utils.data import DataLoader
from trl import GRPOTrainer

from evenodds.train.advantage import ADVANTAGES
from evenodds.train.entropy_bonus import EntropyDecay
from evenodds.train.grpo_arguments import arguments
from evenodds.train.grpo_gathered import Answer, gathered
from evenodds.train.grpo_groups import Generations
from evenodds.train.grpo_reference import reference
from evenodds.train.grpo_rollouts import Rollouts
from evenodds.train.grpo_whole import WholeGenerations
from evenodds.train.heard import heard
from evenodds.train.job import Job
from evenodds.train.order import Order
from evenodds.train.rewards import REWARDS
from evenodds.train.taught import Taught

TOLD = {
    "reward": "reward",
    "token_entropy": "entropy",
    "entropy_coef": "entropy_coef",
    "length": "completions/mean_length",
    "kl": "kl",
    "clipped_high": "clip_ratio/high_mean",
}
"""What a step tells, by TRL's names."""


class GrpoTrainer(Taught, GRPOTrainer):
    """GRPO over the tasks of a job."""

    def __init__(self, job: Job) -> None:
        untrained = copy.deepcopy(job.model) if _needs_copy(job) else None
        super().__init__(
            job=job,
            model=job.model,
            reward_funcs=REWARDS[job.config.reward],
            args=arguments(job),
            train_dataset=Dataset.from_dict({"prompt": [task.prompt for task in job.tasks]}),
            processing_class=_padded(job.local.tokenizer),
        )
        self._end_as_measured()
        self.beta, self.ref_model = job.config.beta, reference(self, untrained)
        self.rollouts = Rollouts(job, self.max_completion_length)
        self.asked: list[dict[str, Any]] = []
        self.advantages: list[float] = []
        self.add_callback(WholeGenerations(job.config.iterations))
        if job.config.entropy_mode == "decay":
            self.add_callback(EntropyDecay(self, job.config.entropy))

    def preflight(self) -> dict[str, Any]:
        """What was found before the first step."""
        before = self.job.prepared.before
        return {} if before is None else before.to_json()

    def _end_as_measured(self) -> None:
        """Let a rollout end where a measured reply ends."""
        self.eos_token_ids = sorted(self.job.local.ends)
        if not self.use_vllm:
            self.generation_config.eos_token_id = self.eos_token_ids
            self.generation_kwargs["eos_token_id"] = self.eos_token_ids

    def get_train_dataloader(self) -> Any:
        """Generation after generation, in order; `Generations` gives each process its share."""
        order = Order([task.level for task in self.job.tasks], self.config)
        rows = Generations(self.job.prepared.prompts, order, self.config, self.job.world)
        return DataLoader(rows, batch_size=1, collate_fn=_only)

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        """The token ids that measurement conditions on, template and prefill included."""
        return [list(row["ids"]) for row in self.asked], None, {}

    def _generate_single_turn(self, prompt_ids: Any, *rest: Any, **more: Any) -> Any:
        """Draws of our own, or TRL's where a server or FSDP needs it."""
        if self.use_vllm or self.config.rollouts == "generate":
            return super()._generate_single_turn(prompt_ids, *rest, **more)
        return self.rollouts.drawn(self.asked), None

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any
    ) -> Any:
        """Rewards over whole groups, gathered from all processes: (rollouts, 1)."""
        answers = gather_object(self._answers(completion_ids_list))
        laws = [task.law for task in self.job.tasks]
        arm = (self.config.reward, self.config.group)
        found = gathered(answers, laws, *arm, scaled=self.config.scale == "group")
        self.advantages = found.advantages
        self._metrics["train"]["idle"].append(found.idle)
        self._metrics["train"]["valid"].append(found.valid)
        return torch.tensor(found.rewards, dtype=torch.float32, device=self.args.device)[:, None]

    def _answers(self, completion_ids: list[list[int]]) -> list[Answer]:
        """What each rollout of this process answered; equal ones are read once."""
        said = [
            (row["task"], tuple(ids)) for row, ids in zip(self.asked, completion_ids, strict=True)
        ]
        known = {each: self._heard(*each) for each in dict.fromkeys(said)}
        return [(each[0], known[each]) for each in said]

    def _heard(self, task: int, ids: tuple[int, ...]) -> Any:
        local = self.job.local
        reply = (local.text(ids), ids[-1] not in local.ends)
        return heard([reply], self.job.tasks[task], self.job.decoding)[0]

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """TRL's, with the witness put in as the advantage that it is."""
        self.asked = inputs
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        if self.config.reward in ADVANTAGES:
            first = self.accelerator.process_index * len(inputs)
            mine = self.advantages[first : first + len(inputs)]
            output["advantages"] = torch.tensor(mine, dtype=torch.float32, device=self.args.device)
        return output

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Any, attention_mask: Any, *rest: Any, **more: Any
    ) -> Any:
        """TRL's, with equal rollouts computed once; gradients add up to the same."""
        if more.get("compute_aux_loss"):  # a mean over rows, equal ones included
            return super()._get_per_token_logps_and_entropies(
                model, input_ids, attention_mask, *rest, **more
            )
        size = input_ids.shape[1]
        both, place = torch.cat([input_ids, attention_mask], 1).unique(dim=0, return_inverse=True)
        found = super()._get_per_token_logps_and_entropies(
            model, both[:, :size], both[:, size:], *rest, **more
        )
        return tuple(None if each is None else each[place] for each in found)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """(1 - r) L + r R of one forward pass, over the passes of a step."""
        passes = self.current_gradient_accumulation_steps
        taught = super().compute_loss(model, inputs) * passes
        return self.with_replay(model, taught) / passes

    def seen(self) -> dict[str, float]:
        """Means since the last time: idle groups, valid answers, reward, entropy of a token."""
        metrics = self._metrics["train"]
        names = {"idle": "idle", "valid": "valid", **TOLD}
        told = {name: fmean(metrics[theirs]) for name, theirs in names.items() if metrics[theirs]}
        metrics.clear()
        return told


def _needs_copy(job: Job) -> bool:
    return bool(job.config.beta) and job.config.lora is None


def _padded(tokenizer: Any) -> Any:
    """The tokenizer; a copy of it where TRL would give it a padding token."""
    return tokenizer if tokenizer.pad_token is not None else copy.deepcopy(tokenizer)


def _only(examples: list[Any]) -> Any:
    return examples[0]
