"""What simulated models remember of each other, when they are asked for covariates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from evenodds.survey.market.model import MarketModel
from evenodds.survey.model_info import COVARIATES

__all__ = ["remembered"]

_ASKED = re.compile(r'What do you know of the language model "([^"\n]+)"\?')


def remembered(models: Mapping[str, MarketModel], prompt: str) -> str | None:
    """The answer to the prompt of `ask_covariates`; None for any other prompt.

    It is what is true, in the form that is asked for; null where the market says nothing.
    """
    asked = _ASKED.search(prompt)
    if asked is None:
        return None
    model = models.get(asked[1])
    known = {} if model is None else model.covariates
    told = {name: {"value": known.get(name), "why": _WHY[name in known]} for name in COVARIATES}
    return json.dumps(told)


_WHY = {True: "the market's truth", False: "never heard of it"}
