"""A market of simulated models behind an OpenAI-compatible server, whose true biases are known.

    with Market(models=240, seed=1, faults="few", latency=0.05) as market:
        market.url                      # the API's base URL: /models, /chat/completions
        market.law("lab-03/x-7b", prompt)  # what that model answers, exactly
        market.truth()["bill"]          # what it billed, call by call if wanted

A model's law over the options of a prompt is made of a bias towards its favourite, a liking for
what is named first or last, a liking for one of two words, and what it answers besides (`law`).
The options are read from the prompt (`prompt`); the same request gets the same reply, for a reply
is a function of market seed, model, prompt and request seed; a fault, of these and the attempt.
"""

from evenodds.survey.market.law import Law, law
from evenodds.survey.market.model import MarketModel
from evenodds.survey.market.process import Market

__all__ = ["Law", "Market", "MarketModel", "law"]
