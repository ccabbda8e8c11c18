"""Ordinary instructions around a lesson: what is rehearsed, and how well the rest is kept.

For the embedded model both come from its own corpus, under different seeds, and there is a right
reply to each. For any other model the rehearsal is what it said to everyday prompts before; what
it keeps is how likely it still says, to other prompts, what it said then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp

from evenodds.models.base import Decoding, PrefixTree, Scorer
from evenodds.train.replay import Exchange, everyday_prompts, own_exchanges

KNOWN, NEW = "in the words of its corpus", "in words it never saw"
OWN = "its own former answers"
REHEARSED, ASKED, CONTROLLED = 4000, 150, 60
_MEASURING = 1_000_003

Asked = dict[str, list[tuple[str, str]]]
"""Prompts with the replies that count as right, by kind."""
Path = tuple[tuple[int, ...], tuple[int, ...]]
"""The ids of a prompt, and those of one reply to it."""


def rehearsal(scorer: Scorer, seed: int) -> list[Exchange]:
    """The exchanges that training replays."""
    if scorer.name != "tiny":
        return own_exchanges(scorer, Decoding(), seed)
    from evenodds.train.pretrain.instructions import instructions

    return [Exchange(prompt, reply) for prompt, reply in instructions(seed, REHEARSED)]


def asked(scorer: Scorer, replay: Sequence[Exchange], seed: int, count: int = ASKED) -> Asked:
    """The prompts to measure with the replies that count as right, up to `count` of each kind."""
    if scorer.name != "tiny":
        return {OWN: [(exchange.prompt, exchange.reply) for exchange in replay]}
    from evenodds.train.pretrain.instructions import held_out_instructions, instructions

    rehearsed = {exchange.prompt for exchange in replay}
    known = [pair for pair in instructions(seed + _MEASURING, count) if pair[0] not in rehearsed]
    return {KNOWN: known, NEW: held_out_instructions(seed + _MEASURING, count)}


def rightly(scorer: Scorer, questions: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, float]:
    """By kind the expected share answered rightly: the mean exact probability of the reply."""
    return {
        kind: Control(scorer, [_path(scorer, *pair, Decoding()) for pair in pairs])()
        for kind, pairs in questions.items()
    }


def control(
    scorer: Scorer,
    decoding: Decoding,
    seed: int,
    replay: Sequence[Exchange] = (),
    count: int = CONTROLLED,
) -> Control:
    """What a run's probe asks of ordinary instructions; build it before the first step.

    Of the embedded model, `count` questions with one right reply, none of them in `replay`. Of any
    other, `count` replies of its own to everyday prompts that `own_exchanges` never asks, drawn
    now. System prompt and template are those of `decoding`; its prefill and transforms are not.
    """
    plain = Decoding(system=decoding.system, template=decoding.template)
    if scorer.name != "tiny":
        return Control(scorer, _own_paths(scorer, plain, seed, count), plain, relative=True)
    questions = asked(scorer, replay, seed, count // 2)
    pairs = [pair for kind in questions.values() for pair in kind]
    return Control(scorer, [_path(scorer, *pair, plain) for pair in pairs], plain)


class Control:
    """Ordinary questions with the replies that count, asked of `scorer` in one pass or a few.

    Called, it gives their mean exact probability, or, `relative`, how much of the replies'
    likelihood is left: the mean of min(1, (p now / p when this was built) ** (1 / tokens)). That
    begins at 1, and its shortfall is about the KL divergence in nats a token from the model as it
    was. Of no questions it gives 1.
    """

    def __init__(
        self,
        scorer: Scorer,
        paths: Sequence[Path],
        decoding: Decoding = Decoding(),  # noqa: B008  frozen
        *,
        relative: bool = False,
    ) -> None:
        from evenodds.train.forest import Forest

        trees = [_single(path) for _, path in paths]
        contexts = [context for context, _ in paths]
        self.forest = Forest(scorer, list(zip(contexts, trees, strict=True)), decoding)
        self.lengths = [len(path) for _, path in paths]
        self.before = self.logprobs() if relative else None

    def __len__(self) -> int:
        return len(self.lengths)

    def __call__(self) -> float:
        """The mean over the questions, in [0, 1]."""
        now = self.logprobs()
        if self.before is not None:
            change = zip(now, self.before, self.lengths, strict=True)
            now = [(after - before) / length for after, before, length in change]
        return sum(exp(min(0.0, each)) for each in now) / len(now) if now else 1.0

    def logprobs(self) -> list[float]:
        """The natural log-probability of each reply."""
        return [float(found[-1]) for found in self.forest.logprobs()]


def _path(scorer: Scorer, prompt: str, reply: str, decoding: Decoding) -> Path:
    return scorer.context(prompt, decoding), scorer.spell(prompt, reply, decoding)


def _single(path: Sequence[int]) -> PrefixTree:
    tree = PrefixTree()
    tree.add(path)
    return tree


def _own_paths(scorer: Scorer, decoding: Decoding, seed: int, count: int) -> list[Path]:
    prompts = everyday_prompts("everyday_asked.txt")
    each = max(1, count // len(prompts))
    short = replace(decoding, max_new_tokens=32)
    found: list[Path] = []
    for number, prompt in enumerate(prompts[:count]):
        context = scorer.context(prompt, short)
        drawn = scorer.paths(context, each, short, seed + _MEASURING + number)
        found += [(tuple(context), tuple(path)) for path in drawn if path]
    return found
