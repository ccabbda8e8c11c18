"""What stopping saves in a survey, and how often it is wrong: no call is made, draws are simulated.

    python benchmarks/survey_stopping.py [--surveys 200] [--models 240] [--cap 1500] [--kind alone]
        [--position 0.1] [--invalid 0.1] [--simulated] [--json]

- exact: the operating characteristics of the rule at true biases, by dynamic programming
  (`measure.operating`): the marginal alone, with all the error and with the .8 of it that is left
  when position and invalid replies are bounded too; and the mean number of draws over U(0, .5).
- simulated: surveys of 240 models whose biases are spread as in the published table (a smooth
  U(0, .5)), through `Stopper` itself, against the one fixed design that can certify fair coins
  (1,327 draws a model). "alone": the marginal alone; "bounded": position bias and invalid replies
  bounded (by .1 each unless told otherwise), of models that have neither; "untidy": the same, of
  models whose position bias is |N(0, .1)| and whose share of invalid replies is drawn from
  Beta(.5, 15). "table": the published 40 biases as if they were the true ones. Each with the error
  of each model bounded, with e-BH on either list, and with e-BH on all verdicts together.

A verdict is false when it is "biased" of a model within all bounds, or "fair" of one beyond any.
`errors`: the share of models with a false verdict. `fdp`: the mean over surveys of the share of
false ones among "biased", among "fair" (what e_bh bounds), and among all (what e_bh_all bounds).
1 is returned when a limit is missed: 3 times fewer calls (per model, U(0, .5)), and no error or
false discovery rate above alpha, but for those of either list under e_bh_all.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import numpy as np

from evenodds.measure.eprocess import Share
from evenodds.measure.operating import operate, stopping_rule
from evenodds.survey.question import QUESTIONS
from evenodds.survey.reading import Reading
from evenodds.survey.stopping import Bounds, Stopper

EPS, ALPHA, FEWER = 0.05, 0.05, 3.0
RULES = ("per_model", "e_bh", "e_bh_all")
KINDS = ("alone", "bounded", "untidy", "table")
ALONE = Bounds(None, None)
READINGS = [Reading("outcome", o, p) for o in (0, 1) for p in (0, 1)] + [Reading("malformed")]
LEAST = "0 0 0 0 0 0 0 .011 .011 .011 .011 .011 .022 .022 .022 .022 .023 .024 .032 .032"
MOST = ".35 .35 .36 .37 .37 .37 .39 .39 .44 .44 .46 .46 .46 .48 .48 .5 .5 .5 .5 .5"
TABLE = [float(bias) for bias in f"{LEAST} {MOST}".split()]


@dataclass
class World:
    """True biases of models: of the marginal, of position, and shares of invalid replies."""

    bias: np.ndarray
    place: np.ndarray
    invalid: np.ndarray

    def within(self, bounds: Bounds) -> np.ndarray:
        """Which models lie within all bounds."""
        held = np.abs(self.bias) <= EPS
        held &= self.place <= (1.0 if bounds.position is None else bounds.position)
        return held & (self.invalid <= (1.0 if bounds.invalid is None else bounds.invalid))

    def chances(self, k: int) -> np.ndarray:
        """The probabilities of the five readings of model k."""
        q, first, valid = 0.5 + self.bias[k], 0.5 + self.place[k], 1 - self.invalid[k]
        pairs = [q * first, q * (1 - first), (1 - q) * first, (1 - q) * (1 - first)]
        return np.array([*(valid * np.array(pairs)), 1 - valid])


def world(kind: str, models: int, rng: np.random.Generator) -> World:
    """Models of a survey."""
    bias = np.array(TABLE) if kind == "table" else rng.uniform(0, 0.5, models)
    bias, none = bias * rng.choice([-1, 1], len(bias)), np.zeros(len(bias))
    if kind != "untidy":
        return World(bias, none, none)
    place = np.minimum(0.5, np.abs(rng.normal(0, 0.1, models)))
    return World(bias, place, rng.beta(0.5, 15, models))


@dataclass
class Tally:
    """What surveys of one kind came to."""

    calls: int = 0
    models: int = 0
    false: dict[str, int] = field(default_factory=lambda: {"biased": 0, "fair": 0})
    given: dict[str, int] = field(default_factory=lambda: {"biased": 0, "fair": 0, "undecided": 0})
    fdp: dict[str, list[float]] = field(
        default_factory=lambda: {"biased": [], "fair": [], "all": []}
    )

    def add(self, stopper: Stopper, truth: World, calls: list[int]) -> None:
        """One more survey."""
        within, verdicts = (
            truth.within(stopper.bounds),
            [stopper.verdict(str(k)) for k in range(len(calls))],
        )
        self.calls, self.models = self.calls + sum(calls), self.models + len(calls)
        for verdict in self.given:
            self.given[verdict] += verdicts.count(verdict)
        wrong_in_all = 0
        for verdict, wrong in (("biased", within), ("fair", ~within)):
            false = sum(bool(w) for v, w in zip(verdicts, wrong, strict=True) if v == verdict)
            self.false[verdict] += false
            self.fdp[verdict].append(false / max(1, verdicts.count(verdict)))
            wrong_in_all += false
        decided = len(verdicts) - verdicts.count("undecided")
        self.fdp["all"].append(wrong_in_all / max(1, decided))

    def told(self, fixed: int) -> dict[str, float]:
        """The figures."""
        n = self.models
        return {
            "calls a model": self.calls / n,
            "times fewer": fixed * n / self.calls,
            **{verdict: many / n for verdict, many in self.given.items()},
            "errors": sum(self.false.values()) / n,
            "fdp biased": float(np.mean(self.fdp["biased"])),
            "fdp fair": float(np.mean(self.fdp["fair"])),
            "fdp all": float(np.mean(self.fdp["all"])),
        }


def survey(stopper: Stopper, truth: World, rng: np.random.Generator) -> list[int]:
    """Ask every model until it is done, all up to the same look where looks are taken."""
    many = len(truth.bias)
    draws = [rng.choice(5, stopper.cap, p=truth.chances(k)).tolist() for k in range(many)]
    calls, open_ = [0] * many, list(range(many))
    while open_:
        for k in open_:
            calls[k] = _ask(stopper, str(k), draws[k], calls[k])
        open_ = [k for k in open_ if not stopper.done(str(k))]
    return calls


def _ask(stopper: Stopper, model: str, draws: list[int], i: int) -> int:
    while not stopper.done(model) and not stopper.waits(model):
        stopper.see(model, i, READINGS[draws[i]])
        i += 1
    return i


def simulated(
    surveys: int, models: int, cap: int, bounded: Bounds, only: str | None = None
) -> Iterator[tuple[str, dict[str, float]]]:
    """Every kind of survey under every rule."""
    coin = QUESTIONS["coin"]
    fixed = Stopper(coin, EPS, ALPHA).fixed_n or 0
    for at, kind in enumerate(KINDS):
        if only not in (None, kind):
            continue
        bounds, many = (
            (ALONE if kind == "alone" else bounded),
            (len(TABLE) if kind == "table" else models),
        )
        for rule in RULES:
            rng, tally, began = np.random.default_rng([at, 6]), Tally(), time.process_time()
            for _ in range(surveys):
                truth = world(kind, many, rng)
                stopper = Stopper(coin, EPS, ALPHA, cap=cap, bounds=bounds, rule=rule, models=many)
                tally.add(stopper, truth, survey(stopper, truth, rng))
            seconds = time.process_time() - began
            yield f"{kind} {rule}", {**tally.told(fixed), "us a call": seconds / tally.calls * 1e6}


def exact(cap: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Operating characteristics by dynamic programming."""
    share = Share(0.5, EPS)
    rules = {
        "cap 3000, no minimum": stopping_rule(share, 3000, alpha=ALPHA, minimum=1),
        f"cap {cap}, minimum 12": stopping_rule(share, cap, alpha=ALPHA),
        f"cap {cap}, minimum 12, .8 of alpha": stopping_rule(share, cap, alpha=ALPHA, bias_at=25),
    }
    for name, rule in rules.items():
        for bias in (0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5):
            yield f"{name}: bias {bias}", asdict(operate(rule, 0.5 + bias))
        spread = [operate(rule, 0.5 + (k + 0.5) / 80).mean_draws for k in range(40)]
        yield f"{name}: U(0, .5)", {"mean_draws": float(np.mean(spread))}


def missed(found: dict[str, dict[str, float]]) -> list[str]:
    """Which limits are not kept."""
    wrong = []
    for name, told in found.items():
        if name in ("alone per_model", "bounded per_model") and told["times fewer"] < FEWER:
            wrong.append(f"{name}: {told['times fewer']:.2f} times fewer calls")
        sides = ("all",) if name.endswith("_all") else ("biased", "fair", "all")
        if "errors" in told and max(told["errors"], *(told[f"fdp {s}"] for s in sides)) > ALPHA:
            wrong.append(f"{name}: false verdicts above {ALPHA}")
    return wrong


def main() -> int:
    """Print the figures; 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=200)
    parser.add_argument("--models", type=int, default=240)
    parser.add_argument("--cap", type=int, default=1500)
    parser.add_argument("--position", type=float, default=0.1)
    parser.add_argument("--invalid", type=float, default=0.1)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--simulated", action="store_true", help="Leave the exact part out.")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {}
    bounds = Bounds(given.position, given.invalid)
    simulations = simulated(given.surveys, given.models, given.cap, bounds, given.kind)
    for part in (simulations,) if given.simulated else (exact(given.cap), simulations):
        for name, told in part:
            found[name] = told
            if not given.json:
                print(f"{name:40}", "  ".join(f"{k} {v:.4g}" for k, v in told.items()), flush=True)
    if given.json:
        print(json.dumps(found, indent=1))
    wrong = missed(found)
    print("\n".join(f"MISSED {each}" for each in wrong) or "every limit is kept")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
