"""From a collated batch to log-probabilities at its supervised nodes, and to its loss."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor

from evenodds.train import losses
from evenodds.train.collate import Tensors
from evenodds.train.match import Divergence

EPSILON = 1e-4  # the reverse divergence spreads this share of the target over the vocabulary


class Forward:
    """Runs a causal model on batches and keeps only the logits that are needed.

    Where the output embedding can be given the hidden states of some places alone and the model's
    logits there come out the same (tried once, to 1e-4), no others are computed; else all are, and
    the rest dropped.
    """

    def __init__(self, model: Any) -> None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.base = base
        accepted = inspect.signature(base.forward).parameters
        self.wanted = [n for n in ("input_ids", "attention_mask", "position_ids") if n in accepted]
        self.half = False
        self.gathers = self._may_gather()

    def halve(self) -> None:
        """From now on the layers' products are in bfloat16; the output's stay in float32.

        Attention becomes plain: on a CPU the fused one's backward in bfloat16 is the slower.
        """
        self.half = True
        if self.base.device.type == "cpu":
            self.base.set_attn_implementation("eager")

    def logprobs(self, model: Any, batch: Tensors) -> Tensor:
        """Natural log-probabilities of all next tokens at the supervised nodes, (M, V) float32."""
        inputs = {name: batch[name] for name in self.wanted}
        device = self.base.device.type
        with torch.autocast(device, torch.bfloat16) if self.half else nullcontext():
            if self.gathers:
                logits = self._gathered(model, inputs, batch["place"])
            else:
                logits = model(**inputs, use_cache=False).logits.flatten(0, 1)[batch["place"]]
        return logits.float().log_softmax(-1)

    def _gathered(self, model: Any, inputs: Tensors, place: Tensor) -> Tensor:
        """Logits at `place` alone: the output embedding is handed only those hidden states.

        The model's own forward runs, which several processes (DDP, FSDP) need for their gradients.
        """

        def only(module: Any, hidden: Any) -> Any:
            return (hidden[0].flatten(0, 1)[place][None],)

        head = self.base.get_output_embeddings()
        with _hooked(head, only), _in_full(head) if self.half else nullcontext():
            logits: Tensor = model(**inputs, use_cache=False).logits.flatten(0, 1)
        return logits

    def _may_gather(self) -> bool:
        ids = torch.arange(1, 5, device=self.base.device)[None]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        was_training = self.base.training
        self.base.eval()
        try:
            with torch.no_grad():
                whole = self.base(**inputs).logits.flatten(0, 1)
                place = torch.tensor([1, 3], device=ids.device)
                part = self._gathered(self.base, inputs, place)
            whole = whole[place]
            return whole.shape == part.shape and bool(
                torch.allclose(whole.float(), part.float(), atol=1e-4)
            )
        except (AttributeError, TypeError, NotImplementedError, RuntimeError, ValueError):
            return False
        finally:
            self.base.train(was_training)


@contextmanager
def _hooked(module: Any, before: Callable[[Any, Any], Any]) -> Iterator[None]:
    """Within the block `before` changes what `module` is given."""
    hook = module.register_forward_pre_hook(before)
    try:
        yield
    finally:
        hook.remove()


@contextmanager
def _in_full(module: Any) -> Iterator[None]:
    """Within the block `module` computes in its weights' precision, autocast or not."""
    own = module.forward

    def forward(states: Tensor) -> Any:
        with torch.autocast(states.device.type, enabled=False):
            return own(states.to(module.weight.dtype))

    module.forward = forward
    try:
        yield
    finally:
        del module.forward


def edge_loss(logprob: Tensor, batch: Tensors) -> Tensor:
    """The cross-entropy of whole answers over a batch's edges, in nats."""
    return losses.answer_cross_entropy(logprob, batch["node"], batch["token"], batch["weight"])


def answer_logprobs(logprob: Tensor, batch: Tensors, taken: Sequence[Sequence[int]]) -> Tensor:
    """Log-probabilities of whole answers, (A,), given the numbers of the edges that each takes."""
    each = logprob[batch["node"], batch["token"]]
    edges = torch.tensor([edge for answer in taken for edge in answer], device=each.device)
    lengths = torch.tensor([len(answer) for answer in taken], device=each.device)
    owner = torch.arange(len(taken), device=each.device).repeat_interleave(lengths)
    return each.new_zeros(len(taken)).index_add(0, owner, each[edges])


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
