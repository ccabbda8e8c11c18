"""Any Hugging Face causal language model as a `Scorer`: it answers, and knows its exact odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from evenodds.errors import ModelError
from evenodds.models.base import Decoding, PrefixTree, Reply, Turn, Walk, conversation
from evenodds.models.local_draw import draw_ids
from evenodds.models.local_growth import Growth
from evenodds.models.local_laws import Reader
from evenodds.models.local_open import (
    chosen_device,
    chosen_dtype,
    open_model,
    quiet,
    with_adapter,
)
from evenodds.models.local_probe import choose, grows, length_class
from evenodds.models.local_rows import Passes, Prompt
from evenodds.models.local_turns import Turns

_SMALL = 20_000_000  # parameters; below this a second thread costs more than it brings
_LIMITS = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length")


class Local:
    """A causal language model with its tokenizer, on this machine; a `Scorer`.

    `strategy` is the way of exact scoring that the probe found right ("tree", "cache" or "plain");
    longer sequences are probed when they come. Weights may change between calls (they do in
    training): nothing that was computed with old ones is used again.
    """

    def __init__(self, model: Any, tokenizer: Any, name: str = "local") -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.turns = Turns(tokenizer, _eos_ids(model))
        self._strategies: dict[int, str] = {}
        self._grows: dict[int, bool] = {}
        self._last: tuple[object, Prompt] | None = None

    @classmethod
    def load(
        cls,
        name_or_folder: str,
        *,
        adapter: str | None = None,
        device: str | None = None,
        dtype: str | None = None,
        threads: int | None = None,
    ) -> Local:
        """Load a model by Hugging Face id or folder, with an optional PEFT adapter.

        Defaults: cuda in bfloat16 where there is one, else cpu in float32. `threads` sets torch's
        CPU threads; a model below 20M parameters on a CPU gets one, which is fastest. Raises
        `ModelError` when the model, adapter, device or dtype cannot be used.
        """
        where = chosen_device(device)
        model, tokenizer = open_model(name_or_folder, where, chosen_dtype(dtype, where))
        if adapter is not None:
            model = with_adapter(model, adapter)
        if threads is None and where == "cpu" and model.num_parameters() < _SMALL:
            threads = 1
        if threads is not None:
            torch.set_num_threads(threads)
        folder = Path(name_or_folder).expanduser()
        return cls(model, tokenizer, folder.resolve().name if folder.is_dir() else name_or_folder)

    @property
    def ends(self) -> frozenset[int]:
        """The end-of-turn tokens: of the generation config, the tokenizer and the template."""
        return self.turns.ends

    @property
    def limit(self) -> int | None:
        """The longest sequence in tokens that the model can take; None where it names none."""
        config = self.model.config.get_text_config()
        named = (getattr(config, name, None) for name in _LIMITS)
        return next((value for value in named if isinstance(value, int) and value > 0), None)

    @property
    def strategy(self) -> str:
        """The way of exact scoring for short sequences (up to 64 tokens)."""
        return self.strategy_for(1)

    def strategy_for(self, length: int) -> str:
        """Return the way of scoring sequences of `length` tokens, probed once per length class."""
        longest = length_class(length)
        if longest not in self._strategies:
            with quiet():
                self._strategies[longest] = choose(self.model, longest, self.limit)
        return self._strategies[longest]

    def context(self, prompt: str, decoding: Decoding) -> tuple[int, ...]:
        """Return the exact ids that generation conditions on (see `Scorer.context`)."""
        return self.turns.context(prompt, decoding)

    def spell(self, prompt: str, reply: str, decoding: Decoding) -> tuple[int, ...]:
        """Return the token path of a reply, its end token included (see `Scorer.spell`)."""
        return self.turns.spell(prompt, reply, decoding)

    def text(self, path: Sequence[int]) -> str:
        """Return the reply that a path spells, without end and special tokens."""
        return self.turns.text(path)

    def walk(
        self,
        context: Sequence[int],
        tree: PrefixTree,
        decoding: Decoding,
        expand: Mapping[int, int] | None = None,
    ) -> Walk:
        """Return the exact log-probabilities of the nodes of `tree` (see `Scorer.walk`).

        Only nodes with children, and those in `expand`, cost anything; what stands below an end
        token is impossible. Raises `ModelError` when context and path together are longer than the
        model can take.
        """
        wanted = expand or {}
        reader = Reader(tree, decoding, wanted, self.ends)
        nodes = sorted({*tree.inner(), *wanted})
        nodes = [node for node in nodes if tree.token[node] not in self.ends]
        if not nodes:
            return reader.walk
        length = len(context) + max(tree.depth[node] for node in nodes)
        self._check_room(length)
        strategy = self.strategy_for(length)
        passes = Passes(self.model, self._known(tuple(context)), tree)
        for block, logits in passes.rows(strategy, nodes):
            reader.read(block, logits)
        self._last = (self._weights(), passes.prompt)
        return reader.walk

    def draw(self, prompt: str, n: int, decoding: Decoding, seed: int) -> list[Reply]:
        """Return `n` fresh replies; the same arguments give the same bytes on the same machine.

        A reply that fills `max_new_tokens` or the model's context ends by "length".
        """
        return self.say([Turn("user", prompt)], n, decoding, seed)

    def say(self, turns: Sequence[Turn], n: int, decoding: Decoding, seed: int) -> list[Reply]:
        """Return `n` fresh replies to a conversation (see `Talker.say`); otherwise as `draw`."""
        ids = self.turns.context(conversation(turns), decoding)
        rows = self._drawn(ids, n, decoding, seed)
        replies = {row: self._reply(row) for row in set(rows)}
        return [replies[row] for row in rows]

    def paths(
        self, context: Sequence[int], n: int, decoding: Decoding, seed: int
    ) -> list[tuple[int, ...]]:
        """Return the token paths of `n` fresh replies (see `Scorer.paths`)."""
        rows = self._drawn(tuple(context), n, decoding, seed)
        ended = {row: self._to_its_end(row) for row in set(rows)}
        return [ended[row] for row in rows]

    def _drawn(
        self, ids: tuple[int, ...], n: int, decoding: Decoding, seed: int
    ) -> list[tuple[int, ...]]:
        self._check_room(len(ids) + 1)
        room = decoding.max_new_tokens if self.limit is None else self.limit - len(ids)
        fitting = replace(decoding, max_new_tokens=min(room, decoding.max_new_tokens))
        return self._rows(ids, n, fitting, seed)

    def _to_its_end(self, row: tuple[int, ...]) -> tuple[int, ...]:
        """The row up to its first end token; `generate` fills up what stands behind it."""
        end = next((place for place, token in enumerate(row) if token in self.ends), len(row))
        return row[: end + 1]

    def _rows(
        self, ids: tuple[int, ...], n: int, decoding: Decoding, seed: int
    ) -> list[tuple[int, ...]]:
        """Return drawn token paths, by shared beginnings where the probe finds these right."""
        longest = length_class(len(ids) + decoding.max_new_tokens)
        if longest not in self._grows:
            with quiet():
                self._grows[longest] = grows(self.model, longest, self.limit)
        if not self._grows[longest]:
            return list(draw_ids(self.model, ids, n, decoding, ends=self.ends, seed=seed))
        passes = Passes(self.model, self._known(ids), PrefixTree())
        rows = Growth(passes, n, decoding, ends=self.ends, seed=seed).paths()
        self._last = (self._weights(), passes.prompt)
        return rows

    def _reply(self, row: Sequence[int]) -> Reply:
        for place, token in enumerate(row):
            if token in self.ends:
                return Reply(self.text(row[:place]), "stop")
        return Reply(self.text(row), "length")

    def _check_room(self, length: int) -> None:
        if self.limit is not None and length > self.limit:
            raise ModelError(
                f"{length} tokens are needed for this prompt and its answers, and {self.name!r} "
                f"takes at most {self.limit}: shorten the prompt or take a model with a longer "
                "context."
            )

    def _known(self, ids: tuple[int, ...]) -> Prompt:
        """Return the last walk's context and cache, if it is this one and no weight changed."""
        if self._last and self._last[1].ids == ids and self._last[0] == self._weights():
            return self._last[1]
        return Prompt(ids)

    def _weights(self) -> object:
        """Return a mark that changes when a weight does or an adapter is switched on or off.

        Version counters alone will not do: fused optimizers step past them. So some values of each
        tensor are looked at too; a step of training changes most of them.
        """
        weights = [_here(p.detach()) for p in self.model.parameters()]
        versions = ((p.data_ptr(), p._version) for p in self.model.parameters())
        off = (module.disable_adapters for module in self.model.modules() if _is_adapted(module))
        return (*versions, *off, _sampled(weights))


def _eos_ids(model: Any) -> list[int]:
    """Return the end tokens of the model's generation config."""
    eos = model.generation_config.eos_token_id if model.generation_config is not None else None
    return [] if eos is None else [eos] if isinstance(eos, int) else list(eos)


def _here(weight: torch.Tensor) -> torch.Tensor:
    """The part of a weight that this process holds; all of it, but where FSDP shares it out."""
    part: torch.Tensor = weight.to_local() if hasattr(weight, "to_local") else weight
    return part


def _sampled(weights: Sequence[torch.Tensor], count: int = 64) -> bytes:
    """`count` values of each tensor, at even distances, as bytes."""
    parts = [w.flatten()[:: max(1, w.numel() // count)][:count].float() for w in weights]
    return torch.cat(parts).cpu().numpy().tobytes() if parts else b""


def _is_adapted(module: Any) -> bool:
    """Whether this is one of peft's layers, which can compute with or without its adapter."""
    return isinstance(getattr(module, "disable_adapters", None), bool)
