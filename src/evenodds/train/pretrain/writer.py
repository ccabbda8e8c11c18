"""What every family shares: chance, frames, fillers, and answers bare or in a stated form."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evenodds.train.pretrain.example import Choice, Example, draw, fixed
from evenodds.train.pretrain.frames import choose, fill, frames, phrases, roughen
from evenodds.train.pretrain.words import invent, items

ROUGH = 0.3
NUMBERED = 0.12
TAGGED = {"die": 0.3, "coin": 0.15}


@dataclass
class Writer:
    """Chance, and whether to write with frames and words that are kept for measuring."""

    rng: random.Random
    unseen_frames: bool = False
    unseen_words: bool = False
    wide: bool = False
    format: str | None = None

    def frame(self, name: str) -> str:
        """A frame of `name` with its alternatives chosen, roughened now and then."""
        text = choose(
            self.rng.choice(frames(name, unseen=self.unseen_frames, wide=self.wide)), self.rng
        )
        if self.rng.random() < ROUGH and not self.unseen_frames:
            text = roughen(text, self.rng)
        return text

    def phrase(self, name: str) -> str:
        """A line of `name` (fillers and format clauses) with its alternatives chosen."""
        return choose(self.rng.choice(phrases(name)), self.rng)


def prompt(writer: Writer, frame: str, slots: dict[str, str], clause: str = "") -> str:
    """The frame with clause, fillers and slots: what the model reads."""
    rng = writer.rng
    if "{format}" in frame:
        frame = frame.replace("{format}", clause)
    elif clause:
        frame = f"{clause} {frame}" if rng.random() < 0.1 else f"{frame.rstrip()} {clause}"
    if rng.random() < 0.16:
        frame = f"{writer.phrase('distractor')} {frame}"
    if rng.random() < 0.07:
        frame = f"{frame} {writer.phrase('distractor')}"
    if rng.random() < 0.12:
        frame = f"{writer.phrase('opener')} {frame}"
    if rng.random() < 0.08:
        frame = f"{frame} {writer.phrase('closer')}"
    if writer.wide and rng.random() < NUMBERED:
        number_said = writer.phrase("distractor_digits")
        frame = f"{number_said} {frame}" if rng.random() < 0.7 else f"{frame} {number_said}"
    general = {
        "name": rng.choice(items()["names"]),
        "thing": rng.choice(items()["things"]),
        "made_up": invent(rng),
    }
    return fill(frame, slots | general)


def asked(
    writer: Writer,
    family: str,
    frame: str,
    slots: dict[str, str],
    law: dict[str, float],
    *,
    noun: str,
    target: str,
) -> Example:
    """One answer from `law`, bare or in the tags that the clause asks for."""
    rng = writer.rng
    form = writer.format or ("tag" if rng.random() < TAGGED.get(family, 0.06) else "bare")
    if form == "tag":
        clause = fill(writer.phrase("format_tag"), {"noun": noun})
        answer: tuple[Choice, ...] = (
            fixed(" <answer>"),
            draw({f"{k}</answer>": v for k, v in law.items()}, rng),
        )
    elif rng.random() < 0.05:
        clause = rng.choice(OUTPUT_CLAUSES)
        answer = (fixed(" Output:"), draw({f" {k}": v for k, v in law.items()}, rng))
    else:
        clause = fill(writer.phrase("format_bare"), {"noun": noun}) if rng.random() < 0.5 else ""
        answer = (draw({f" {k}": v for k, v in law.items()}, rng),)
    return Example(prompt(writer, frame, slots, clause), answer, family, target)


OUTPUT_CLAUSES = (
    'Write "Output: X".',
    'Answer in the form "Output: ..." only.',
    'Make sure to include the "Output: " prefix.',
    "Start your answer with Output:",
    'Reply EXACTLY like "Output: X".',
)


def told(writer: Writer, family: str, frame: str, slots: dict[str, str], reply: str) -> Example:
    """One certain answer."""
    clause = ""
    if writer.rng.random() < 0.1 and "?" not in reply:
        clause = fill(writer.phrase("format_bare"), {"noun": "answer"})
    return Example(
        prompt(writer, frame, slots, clause), (fixed(f" {reply}"),), family, f"fixed({reply!r})"
    )


def bare(writer: Writer, noun: str, share: float = 0.4) -> str:
    """A clause that asks for the bare answer, in `share` of the cases; otherwise nothing."""
    if writer.rng.random() >= share:
        return ""
    return fill(writer.phrase("format_bare"), {"noun": noun})


def stated(p: float, rng: random.Random) -> str:
    """A probability as prompts write it."""
    tenths = round(p * 10)
    forms = [f"{p:g}", f"{p * 100:g}%", f"{p * 100:g} percent"]
    if abs(p * 10 - tenths) < 1e-9:
        forms.append(f"{tenths} in 10")
    return rng.choice(forms)


def quoted(words: Iterable[str]) -> str:
    """The words as arguments of an expression."""
    return ", ".join(map(repr, words))


def equal(words: Iterable[str]) -> str:
    """The expression of a fair pick among the words."""
    return f"uniform({quoted(words)})"


Family = Callable[[Writer], Example]
