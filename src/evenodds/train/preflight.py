"""Before GRPO starts: is there anything to learn from, and if not, what to do.

Groups are drawn from the untrained model and given their advantages, as the run would do it. Where
the model knows its probabilities, the share of groups that move nothing is computed, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log
from statistics import fmean
from typing import TYPE_CHECKING, Any

from evenodds.errors import TooLargeError
from evenodds.measure.exact import measure_bounded
from evenodds.models.base import Decoding, Sampler, Scorer
from evenodds.train.advantage import advantages, is_idle
from evenodds.train.grpo_idle import idle_chance
from evenodds.train.heard import heard
from evenodds.train.preflight_words import advice

if TYPE_CHECKING:
    from evenodds.tasks.task import Task

GROUPS = 64
"""Groups that are drawn, over all tasks."""

MOST = 32
"""Tasks that are looked at, evenly from the list."""

UNKNOWN = 0.002  # with more mass than this unaccounted, probabilities are not called exact


@dataclass(frozen=True)
class Preflight:
    """What groups of `group` rollouts of the untrained model are like, as means over tasks.

    idle: share of drawn groups in which every advantage is zero; idle_exact: its expected value
    from exact probabilities (None where there are none). valid: mass of valid answers. entropy and
    target_entropy: of an answer, nats, all invalid ones counted as one more outcome. learns: False
    where nothing, or next to nothing, moves the policy towards the target. says: that in words, and
    what to do.
    """

    reward: str
    group: int
    groups: int
    tasks: int
    idle: float
    idle_exact: float | None
    valid: float
    entropy: float
    target_entropy: float
    learns: bool
    says: str

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class _Seen:
    """One task's part."""

    groups: int
    idle: float
    idle_exact: float | None
    pmf: Mapping[Any, float]


def preflight(
    model: Sampler,
    tasks: Sequence[Task],
    decoding: Decoding,
    group: int,
    reward: str,
    *,
    seed: int = 0,
    entropy: float = 0.0,
) -> Preflight:
    """Look at what `model` answers to `tasks` before it is trained with `reward`.

    `entropy` is the coefficient of the bonus, which moves a policy where rewards do not.
    """
    chosen = _spread(tasks, MOST)
    each = -(-GROUPS // len(chosen))
    seen = [
        _look(model, task, decoding, groups=each, size=group, reward=reward, seed=seed + number)
        for number, task in enumerate(chosen)
    ]
    exact = [one.idle_exact for one in seen]
    known = [value for value in exact if value is not None]
    numbers = {
        "idle": fmean(one.idle for one in seen),
        "idle_exact": fmean(known) if len(known) == len(exact) else None,
        "valid": fmean(sum(one.pmf.values()) for one in seen),
        "entropy": fmean(_entropy(one.pmf) for one in seen),
        "target_entropy": fmean(task.law.entropy() for task in chosen),
    }
    even = all(_is_uniform(task) for task in chosen)
    learns, says = advice(reward, group, numbers, bonus=entropy > 0, even=even)
    counted = {"groups": each * len(chosen), "tasks": len(chosen)}
    return Preflight(reward, group, **counted, **numbers, learns=learns, says=says)  # type: ignore[arg-type]


def _look(
    model: Sampler,
    task: Task,
    decoding: Decoding,
    *,
    groups: int,
    size: int,
    reward: str,
    seed: int,
) -> _Seen:
    replies = model.draw(task.prompt, groups * size, decoding, seed)
    answers = heard(((r.text, r.finish == "length") for r in replies), task, decoding)
    parts = [answers[start : start + size] for start in range(0, len(answers), size)]
    idle = fmean(is_idle(advantages(reward, part, task.law)) for part in parts)
    pmf = _exact_pmf(model, task, decoding)
    if pmf is not None:
        return _Seen(groups, idle, idle_chance(reward, pmf, task.law, size), pmf)
    counts = Counter(answer for answer in answers if answer is not None)
    return _Seen(groups, idle, None, {x: n / len(answers) for x, n in counts.items()})


def _exact_pmf(model: Sampler, task: Task, decoding: Decoding) -> dict[Any, float] | None:
    """The policy's probability of each outcome, all spellings counted, or None."""
    if not isinstance(model, Scorer):
        return None
    try:
        found = measure_bounded(model, task, decoding, tolerance=1e-4)
    except TooLargeError:
        return None
    if found.masses["unaccounted"] > UNKNOWN or found.model_pmf is None:
        return None
    return {x: found.model_pmf[str(x)] for x in task.law.pmf()}


def _entropy(pmf: Mapping[Any, float]) -> float:
    masses = [*pmf.values(), max(0.0, 1 - sum(pmf.values()))]
    return -sum(p * log(p) for p in masses if p > 0)


def _is_uniform(task: Task) -> bool:
    return abs(task.law.entropy() - log(task.law.support_size)) < 1e-6


def _spread(tasks: Sequence[Task], most: int) -> list[Task]:
    if len(tasks) <= most:
        return list(tasks)
    return [tasks[i * len(tasks) // most] for i in range(most)]
