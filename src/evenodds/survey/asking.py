"""Who is asked what, and how: from a catalogue and questions to what a run is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evenodds.models.endpoint_body import Options
from evenodds.models.endpoint_shared import ModelCaller
from evenodds.survey.apis import Apis
from evenodds.survey.catalogue import Catalogue
from evenodds.survey.model_info import ModelInfo
from evenodds.survey.odds import MOST_SHOWN, offers_odds
from evenodds.survey.question import SurveyQuestion
from evenodds.survey.question_file import save_questions
from evenodds.survey.stopping import Bounds, Stopper

__all__ = ["Asking"]


@dataclass(frozen=True)
class Asking:
    """A catalogue's models behind their APIs, the questions, and what every request carries.

    `logprobs`: whether models that say they show the odds of their replies are asked to.
    """

    catalogue: Catalogue
    questions: Sequence[SurveyQuestion]
    apis: Apis
    options: Options = field(default_factory=Options)
    logprobs: bool = True

    @property
    def many(self) -> dict[str, int]:
        """How many models are asked each question, by its name; at least 1."""
        models = self.catalogue.models
        return {q.name: max(1, sum(q.asks(m.supported) for m in models)) for q in self.questions}

    def stoppers(self, draws: int, bounds: Bounds, **levels: Any) -> dict[str, Stopper]:
        """What ends the draws of each question; `levels` are eps, alpha, minimum and rule."""
        return {
            q.name: Stopper(
                q,
                cap=draws,
                bounds=bounds,
                models=self.many[q.name],
                showing=[m.id for m in self.catalogue.models if self._shows(m, q)],
                **levels,
            )
            for q in self.questions
        }

    def caller(self, model: ModelInfo) -> ModelCaller:
        """Who asks a model."""
        shown = any(self._shows(model, question) for question in self.questions)
        options = replace(self.options, top_logprobs=MOST_SHOWN if shown else 0)
        return self.apis.caller(model, options)

    def config(self, stopping: Mapping[str, Any] | None, **besides: Any) -> dict[str, Any]:
        """What the ledger has to hold of it: the same in every run of the folder."""
        carried = {"reasoning": self.options.reasoning, "extra": dict(self.options.extra)}
        record = {"url": ", ".join(self.apis.urls), "stopping": stopping, "logprobs": self.logprobs}
        return record | {name: value for name, value in {**carried, **besides}.items() if value}

    def save(self, folder: Path) -> None:
        """Write the catalogue and the questions beside the ledger. Raises OSError."""
        self.catalogue.save(folder / "catalogue.json")
        save_questions(self.questions, folder / "questions.json")

    def _shows(self, model: ModelInfo, question: SurveyQuestion) -> bool:
        return self.logprobs and offers_odds(model.supported, question)
