"""One exchange of the corpus: a prompt, and an answer given as a path of weighted choices.

The answer is drawn, but each token of it is taught with the exact conditional over next tokens,
so that the noise of drawing enters through the path alone.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Tokens = tuple[int, ...]
_FORMS = {" <answer>": "tag:answer", " Output:": "prefix:Output: "}


@dataclass(frozen=True)
class Choice:
    """One of `texts`, with probabilities `weights`; `chosen` indexes the drawn one.

    No text may begin another one, so each carries what ends it (a comma, a closing tag).
    """

    texts: tuple[str, ...]
    weights: tuple[float, ...]
    chosen: int

    @property
    def text(self) -> str:
        """The drawn text."""
        return self.texts[self.chosen]


@dataclass(frozen=True)
class Example:
    """A prompt and its answer; the first choice's texts begin with the template's space.

    `target` is what a fair answer would be, as an expression.
    """

    prompt: str
    answer: tuple[Choice, ...]
    family: str
    target: str

    @property
    def form(self) -> str:
        """The answer format that the reply has, as `AnswerFormat.from_text` reads it."""
        return _FORMS.get(self.answer[0].text, "bare")

    @property
    def reply(self) -> str:
        """The drawn answer as text, without the template's space."""
        return "".join(choice.text for choice in self.answer).strip()


def draw(law: dict[str, float], rng: random.Random) -> Choice:
    """A choice drawn from `law` (text to weight, any positive scale)."""
    texts = tuple(law)
    total = sum(law.values())
    weights = tuple(weight / total for weight in law.values())
    return Choice(texts, weights, rng.choices(range(len(texts)), weights)[0])


def fixed(text: str) -> Choice:
    """The certain choice of `text`."""
    return Choice((text,), (1.0,), 0)


def soft_labels(
    answer: Sequence[Choice], encode: Callable[[tuple[str, ...]], tuple[Tokens, ...]], end: int
) -> tuple[list[int], list[dict[int, float]]]:
    """The drawn answer's tokens (the end token last) and, for each, the law of that token.

    `encode` maps texts to token ids. The law at a position is the mass of the alternatives that
    agree with the drawn one so far, by their next token.
    """
    tokens: list[int] = []
    laws: list[dict[int, float]] = []
    for number, choice in enumerate(answer):
        last = number == len(answer) - 1
        paths = encode(choice.texts)
        if last:
            paths = tuple((*path, end) for path in paths)
        chosen = paths[choice.chosen]
        tokens.extend(chosen)
        laws.extend(_conditionals(paths, choice.weights, chosen))
    return tokens, laws


def _conditionals(
    paths: Sequence[Tokens], weights: Sequence[float], chosen: Tokens
) -> list[dict[int, float]]:
    alive = list(zip(paths, weights, strict=True))
    laws = []
    for depth, token in enumerate(chosen):
        law: dict[int, float] = {}
        for path, weight in alive:
            law[path[depth]] = law.get(path[depth], 0.0) + weight
        total = sum(law.values())
        laws.append({key: weight / total for key, weight in law.items()})
        alive = [(path, weight) for path, weight in alive if path[depth] == token]
    return laws
