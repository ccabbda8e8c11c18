"""From a collated batch to log-probabilities at its supervised nodes, and to its loss."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor

from evenodds.train import losses
from evenodds.train.collate import Tensors
from evenodds.train.match import Divergence

EPSILON = 1e-4  # the reverse divergence spreads this share of the target over the vocabulary


class Forward:
    """Runs a causal model on batches and keeps only the logits that are needed.

    Where hidden states times the output embedding equal the model's logits (tried once, to 1e-4),
    logits are computed at supervised nodes alone; else all are computed and the rest dropped.
    """

    def __init__(self, model: Any) -> None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.base = base
        accepted = inspect.signature(base.forward).parameters
        self.wanted = [n for n in ("input_ids", "attention_mask", "position_ids") if n in accepted]
        self.gathers = self._may_gather()

    def logprobs(self, model: Any, batch: Tensors) -> Tensor:
        """Natural log-probabilities of all next tokens at the supervised nodes, (M, V) float32."""
        inputs = {name: batch[name] for name in self.wanted}
        logits = self._gathered(inputs, batch["place"]) if self.gathers else None
        if logits is None:
            logits = model(**inputs, use_cache=False).logits.flatten(0, 1)[batch["place"]]
        return logits.float().log_softmax(-1)

    def _gathered(self, inputs: Tensors, place: Tensor) -> Tensor:
        hidden = self.base.get_decoder()(**inputs, use_cache=False).last_hidden_state
        logits: Tensor = self.base.get_output_embeddings()(hidden.flatten(0, 1)[place])
        return logits

    def _may_gather(self) -> bool:
        ids = torch.arange(1, 5, device=self.base.device)[None]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        was_training = self.base.training
        self.base.eval()
        try:
            with torch.no_grad():
                whole = self.base(**inputs).logits.flatten(0, 1)
                part = self._gathered(inputs, torch.tensor([1, 3], device=ids.device))
            return bool(torch.allclose(whole[[1, 3]].float(), part.float(), atol=1e-4))
        except (AttributeError, TypeError, NotImplementedError):
            return False
        finally:
            self.base.train(was_training)


def edge_loss(logprob: Tensor, batch: Tensors) -> Tensor:
    """The cross-entropy of whole answers over a batch's edges, in nats."""
    return losses.answer_cross_entropy(logprob, batch["node"], batch["token"], batch["weight"])


def task_loss(logprob: Tensor, batch: Tensors, divergence: Divergence) -> Tensor:
    """The batch's mean loss in nats: cross-entropy of answers ("forward"), or KL or JS at nodes."""
    if divergence == "forward":
        return edge_loss(logprob, batch)
    target, weight = dense_target(batch, logprob.shape[-1])
    if divergence == "js":
        return losses.js(target, logprob, weight)
    return losses.kl_reverse(losses.smoothed(target, EPSILON), logprob, weight)


def dense_target(batch: Tensors, vocabulary: int) -> tuple[Tensor, Tensor]:
    """Edges as next-token laws (M, V) and the weight of each node (M,)."""
    mass = batch["weight"].new_zeros(len(batch["place"]), vocabulary)
    mass.index_put_((batch["node"], batch["token"]), batch["weight"], accumulate=True)
    weight = mass.sum(-1)
    return mass / weight[:, None], weight


def node_weight(batch: Tensors) -> Tensor:
    """The weight of each node, (M,): the sum over its edges."""
    return (
        batch["weight"].new_zeros(len(batch["place"])).index_add(0, batch["node"], batch["weight"])
    )
