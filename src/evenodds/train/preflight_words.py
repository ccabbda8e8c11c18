"""What a preflight says: one sentence, and whether there is anything to learn from."""

from __future__ import annotations

from collections.abc import Mapping

Numbers = Mapping[str, float | None]

LOST = 0.01  # fewer valid answers than this are none to speak of
IDLE = 0.9  # with more idle groups than this a run goes nowhere in its time
SHARP = 0.05  # nats; a policy with less hardly tries anything but one answer


def advice(
    reward: str, group: int, numbers: Numbers, *, bonus: bool, even: bool
) -> tuple[bool, str]:
    """(whether anything moves the policy towards the target, that in words and what to do).

    `numbers` are those of a `Preflight`; `bonus`: there is an entropy bonus; `even`: every target
    is uniform.
    """
    valid = numbers["valid"] or 0.0
    if reward == "group":
        return False, _group(bonus)
    if valid < LOST:
        return False, (
            f"{valid:.1%} of the answers are valid, so there is next to nothing to reinforce: "
            "teach the format first, with match or sft"
        )
    if reward == "valid":
        return _valid(_idle(numbers), valid, bonus=bonus, even=even)
    return _compared(reward, group, numbers, bonus=bonus, even=even)


def _idle(numbers: Numbers) -> float:
    exact = numbers["idle_exact"]
    return (numbers["idle"] if exact is None else exact) or 0.0


def _compared(
    reward: str, group: int, numbers: Numbers, *, bonus: bool, even: bool
) -> tuple[bool, str]:
    """Of rewards that compare a group's answers with each other."""
    idle = _idle(numbers)
    if idle > IDLE:
        return bonus, (
            f"{idle:.1%} of groups of {group} move nothing: no answer comes twice in a group, or "
            "the model answers fairly already; use larger groups, or match"
        )
    if (numbers["entropy"] or 0.0) < SHARP < (numbers["target_entropy"] or 0.0):
        return False, (
            f"the model tries next to one answer alone ({numbers['entropy']:.3f} nats), and what "
            "is never tried cannot be reinforced: begin with match, or with an entropy bonus"
        )
    if reward == "gapo" and not even:
        return True, (
            "gapo pulls to uniform, and some targets are not: use --set reward=witness, or match"
        )
    return True, f"{1 - idle:.1%} of groups of {group} move the policy"


def _group(bonus: bool) -> str:
    rest = ", so the entropy bonus alone acts" if bonus else ""
    return (
        f"all answers of a group are rewarded alike, whatever they are: no gradient ever{rest}; "
        "this is the control, use --set reward=witness, or match"
    )


def _valid(idle: float, valid: float, *, bonus: bool, even: bool) -> tuple[bool, str]:
    if bonus and even:
        return True, (
            f"{idle:.1%} of groups are rewarded alike; there the entropy bonus alone acts, which "
            "pulls to uniform"
        )
    if bonus:
        return False, (
            "the entropy bonus pulls to uniform, and some targets are not: use "
            "--set reward=witness, or match"
        )
    if valid > 1 - LOST:
        return False, (
            "every answer is valid and rewarded alike: plain GRPO has no gradient here; use "
            "--set entropy=0.2, --set reward=witness, or match"
        )
    return False, (
        f"{valid:.1%} of the answers are valid, and this reward teaches no more than to be valid: "
        "favourites will stay; use --set entropy=0.2, --set reward=witness, or match"
    )
