"""Ordinary instructions around a lesson: what is rehearsed, and how well the rest is kept.

For the embedded model both come from its own corpus, under different seeds. For any other model the
rehearsal is what it said to everyday prompts before, and what it keeps is how likely it still says
what it said then.
"""

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING

from evenodds.models.base import Decoding, PrefixTree
from evenodds.report.story import Kept

if TYPE_CHECKING:
    from evenodds.models.base import Scorer
    from evenodds.train.replay import Exchange

KNOWN, NEW = "in the words of its corpus", "in words it never saw"
OWN = "its own former answers"
REHEARSED, ASKED = 4000, 150
_MEASURING = 1_000_003

Asked = dict[str, list[tuple[str, str]]]


def rehearsal(scorer: "Scorer", seed: int) -> list["Exchange"]:
    """Return the exchanges that training replays."""
    from evenodds.train.replay import Exchange, own_exchanges

    if scorer.name != "tiny":
        return own_exchanges(scorer, Decoding(), seed)
    from evenodds.train.pretrain.instructions import instructions

    return [Exchange(prompt, reply) for prompt, reply in instructions(seed, REHEARSED)]


def asked(scorer: "Scorer", replay: Sequence["Exchange"], seed: int) -> Asked:
    """Return the prompts to measure with the replies that count as right, by kind."""
    if scorer.name != "tiny":
        return {OWN: [(exchange.prompt, exchange.reply) for exchange in replay]}
    from evenodds.train.pretrain.instructions import held_out_instructions, instructions

    rehearsed = {exchange.prompt for exchange in replay}
    known = [pair for pair in instructions(seed + _MEASURING, ASKED) if pair[0] not in rehearsed]
    return {KNOWN: known, NEW: held_out_instructions(seed + _MEASURING, ASKED)}


def right(scorer: "Scorer", prompt: str, reply: str) -> float:
    """Return the exact probability that the model answers `prompt` with `reply` and then ends."""
    decoding = Decoding()
    tree = PrefixTree()
    tree.add(scorer.spell(prompt, reply, decoding))
    walk = scorer.walk(scorer.context(prompt, decoding), tree, decoding)
    return exp(min(0.0, float(walk.logprob.sum())))


def rightly(scorer: "Scorer", questions: Asked) -> dict[str, float]:
    """Return by kind the expected share answered rightly: the mean probability of the reply."""
    return {
        kind: sum(right(scorer, *pair) for pair in pairs) / max(len(pairs), 1)
        for kind, pairs in questions.items()
    }


def kept(questions: Asked, before: dict[str, float], after: dict[str, float]) -> list[Kept]:
    """Return before and after of each kind."""
    return [
        Kept(kind, len(pairs), before[kind], after[kind], own=kind == OWN)
        for kind, pairs in questions.items()
    ]
