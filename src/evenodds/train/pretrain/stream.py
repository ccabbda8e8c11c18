"""An endless, seeded stream of batches: tokens, where the answers are, what they should be."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.utils.data import IterableDataset
from transformers import PreTrainedTokenizerFast

from evenodds.train.pretrain.example import Example, Tokens, soft_labels
from evenodds.train.pretrain.families import RANDOM
from evenodds.train.pretrain.instructions import INSTRUCTIONS
from evenodds.train.pretrain.tokenizer import ASSISTANT, END, SPECIAL, USER
from evenodds.train.pretrain.writer import Writer

FAMILIES = {**RANDOM, **INSTRUCTIONS}


@dataclass(frozen=True)
class Batch:
    """`tokens` (rows, columns) right-padded; at `rows, columns` the next token follows a law.

    The laws are sparse: entry k says that position `at[k]` has probability `mass[k]` of `token[k]`.
    `weight` is what each position counts in the loss.
    """

    tokens: torch.Tensor
    rows: torch.Tensor
    columns: torch.Tensor
    at: torch.Tensor
    token: torch.Tensor
    mass: torch.Tensor
    weight: torch.Tensor


@dataclass(frozen=True)
class Frame:
    """The chat in token ids: user, assistant and end marks, and where ordinary tokens begin."""

    marks: tuple[int, int, int]
    first_ordinary: int
    vocabulary: int


def chat_frame(tokenizer: PreTrainedTokenizerFast) -> Frame:
    """The frame of `tokenizer`'s chat template."""
    user, assistant, end = tokenizer.convert_tokens_to_ids([USER, ASSISTANT, END])
    return Frame((user, assistant, end), len(SPECIAL), len(tokenizer))


def examples(seed: int, *, wide: bool = False, instructions: float = 1.0) -> Iterator[Example]:
    """Examples of every family in their shares, for ever.

    `wide` adds the second stage's frames; `instructions` multiplies the shares of instructions.
    """
    writer = Writer(random.Random(seed), wide=wide)
    names = tuple(FAMILIES)
    weights = [FAMILIES[n][1] * (instructions if n in INSTRUCTIONS else 1.0) for n in names]
    while True:
        for name in writer.rng.choices(names, weights, k=256):
            yield FAMILIES[name][0](writer)


class Batches(IterableDataset[Batch]):
    """Batches of about `tokens_per_batch` tokens, drawn from pools sorted by length."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        seed: int,
        tokens_per_batch: int,
        *,
        wide: bool = False,
        length_power: float = 0.0,
        instructions: float = 1.0,
    ) -> None:
        super().__init__()
        self.wide, self.instructions = wide, instructions
        self.length_power = length_power
        self.tokenizer = tokenizer
        self.tokens_per_batch = tokens_per_batch
        self.seed = seed
        self.user, self.assistant, self.end = chat_frame(tokenizer).marks
        self.pad = tokenizer.pad_token_id
        self._encode = lru_cache(maxsize=20_000)(self._encode_texts)

    def _encode_texts(self, texts: tuple[str, ...]) -> tuple[Tokens, ...]:
        encoded = self.tokenizer.backend_tokenizer.encode_batch_fast(
            list(texts), add_special_tokens=False
        )
        return tuple(tuple(one.ids) for one in encoded)

    def __iter__(self) -> Iterator[Batch]:
        source = examples(self.seed, wide=self.wide, instructions=self.instructions)
        rng = random.Random(f"order {self.seed}")
        while True:
            pool = [next(source) for _ in range(4096)]
            prompts = self._encode_texts(tuple(example.prompt for example in pool))
            encoded = sorted(
                (self._row(example, prompt) for example, prompt in zip(pool, prompts, strict=True)),
                key=lambda row: len(row[0]),
            )
            batches = list(self._packed(encoded))
            rng.shuffle(batches)
            yield from batches

    def _row(
        self, example: Example, prompt: Tokens
    ) -> tuple[list[int], int, list[dict[int, float]]]:
        answer, laws = soft_labels(example.answer, self._encode, self.end)
        context = [self.user, *prompt, self.end, self.assistant]
        return context + answer[:-1], len(context) - 1, laws

    def _packed(
        self, encoded: list[tuple[list[int], int, list[dict[int, float]]]]
    ) -> Iterator[Batch]:
        start = 0
        while start < len(encoded):
            stop = start + 1
            while (
                stop < len(encoded)
                and len(encoded[stop][0]) * (stop + 1 - start) <= self.tokens_per_batch
            ):
                stop += 1
            yield self._batch(encoded[start:stop])
            start = stop

    def _batch(self, members: list[tuple[list[int], int, list[dict[int, float]]]]) -> Batch:
        width = max(len(tokens) for tokens, _, _ in members)
        padded = [tokens + [self.pad] * (width - len(tokens)) for tokens, _, _ in members]
        rows: list[int] = []
        columns: list[int] = []
        at: list[int] = []
        token: list[int] = []
        mass: list[float] = []
        weight: list[float] = []
        for row, (_, first, laws) in enumerate(members):
            for offset, law in enumerate(laws):
                at.extend([len(rows)] * len(law))
                token.extend(law)
                mass.extend(law.values())
                rows.append(row)
                weight.append(len(laws) ** -self.length_power)
                columns.append(first + offset)
        return Batch(
            torch.tensor(padded),
            torch.tensor(rows),
            torch.tensor(columns),
            torch.tensor(at),
            torch.tensor(token),
            torch.tensor(mass),
            torch.tensor(weight),
        )
