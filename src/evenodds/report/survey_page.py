"""The page of a survey: one self-contained HTML file, without scripts; replies are only quoted."""

import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from markupsafe import Markup

from evenodds import __version__
from evenodds.ledger.files import write_atomically
from evenodds.report.page import page_environment
from evenodds.report.survey_figures import effects_figure, price_against_bias
from evenodds.report.survey_forest import forest, overview
from evenodds.report.survey_lines import saving_words
from evenodds.report.survey_overall import MANY, overall_table, question_table, told
from evenodds.report.survey_page_tables import (
    costs_table,
    gates,
    levels_table,
    odd,
    parts,
    schema_table,
)
from evenodds.report.survey_words import (
    VERDICTS,
    bound,
    bounds,
    control,
    endings,
    headline,
    lost,
    meaning,
)
from evenodds.survey.analysis.analysis import Analysis, QuestionAnalysis
from evenodds.survey.gathered import Gathered

__all__ = ["page_css", "render_page", "write_page"]

NARROW = 400.0
"""Width of the first figure on a telephone."""


def write_page(analysis: Analysis, gathered: Gathered, folder: str, path: Path) -> None:
    """Write the page to `path`, whole or not at all. Raises OSError on a full disk."""
    write_atomically(path, render_page(analysis, gathered, folder).encode("utf-8"))


def render_page(analysis: Analysis, gathered: Gathered, folder: str) -> str:
    """The page as HTML; `folder` is what the commands that make it again name."""
    return (
        page_environment()
        .get_template("survey.html.j2")
        .render(
            version=__version__,
            headline=_headline(analysis),
            css=page_css(),
            questions=[_question(each, analysis, gathered) for each in told(analysis)],
            overall=overall_table(analysis),
            every=question_table(analysis),
            costs=costs_table(analysis),
            schemas=[schema_table(each) for each in analysis.schemas],
            gathered=gathered,
            faults=lost(gathered.faults),
            bounded=bound(analysis.settings.alpha),
            several=len(analysis.questions) > 1,
            several_questions=len(analysis.questions),
            remarks=analysis.remarks,
            commands=commands(gathered, folder),
            facts=_facts(analysis, gathered),
        )
    )


def _headline(analysis: Analysis) -> str:
    """What a browser's tab says: of one question its verdicts, of several how many there are."""
    if len(analysis.questions) > 1:
        return f"{len(analysis.overall)} models over {len(analysis.questions)} questions"
    return "".join(headline(each, analysis.settings) for each in analysis.questions)


def page_css() -> Markup:
    """The styles of all pages of surveys."""
    folder = Path(__file__).parent / "templates"
    parts = [(folder / name).read_text(encoding="utf-8") for name in ("page.css", "survey.css")]
    return Markup("".join(parts))


def _question(found: QuestionAnalysis, analysis: Analysis, gathered: Gathered) -> dict[str, Any]:
    settings = analysis.settings
    return {
        "name": found.question,
        "title": headline(found, settings),
        "meaning": meaning(found, settings, analysis.costs),
        "control": control(found, settings),
        "bounds": bounds(settings),
        "endings": endings(gathered.ended.get(found.question, {})),
        "saved": saving_words(found),
        "counts": [(v, found.number(v), found.number(v, together=True)) for v in VERDICTS],
        "overview": overview(found, settings.eps),
        "narrow": overview(found, settings.eps, NARROW),
        "forest": forest(found, settings.eps),
        "price": price_against_bias(found, analysis.costs, settings.eps),
        "effects": effects_figure(found.effects),
        "regression": found.effects,
        "left_out": list(found.effects.left_out.items()),
        "bayes": found.bayes,
        "gates": gates(found.bayes),
        "parts": parts(found.rows),
        "levels": levels_table(found.levels),
        "odd": [odd(each) for each in gathered.odd if each.question == found.question],
        "remarks": found.remarks,
        "sequential": found.sequential,
    }


def commands(gathered: Gathered, folder: str) -> list[str]:
    """What makes the draws again (which costs), and what makes the page again (which does not)."""
    config = gathered.config
    stops = config.get("stopping") or {}
    parts = ["evenodds survey run", quote(f"{folder}/catalogue.json"), "--out NEW"]
    parts += [f"--endpoint {quote(str(config['url']))}"] if "url" in config else []
    suites = config.get("suites", [])
    parts += [f"--suite {quote(name)}" for name in suites]
    named = config.get("questions", {})
    own = [name for name in named if not (suites and ("/" in name or name.endswith(" suite")))]
    parts += [f"-q {quote(name)}" for name in own]
    levels = ("eps", "alpha", "minimum", "position", "invalid", "rule")
    parts += [f"--{name} {stops[name] or 0}" for name in levels if name in stops]
    parts += ["--fixed"] if "stopping" in config and not stops else []
    parts += [f"--seed {config['seed']}"] if "seed" in config else []
    parts += [f"--reasoning {quote(config['reasoning'])}"] if "reasoning" in config else []
    parts += [f"--extra {quote(json.dumps(config['extra']))}"] if "extra" in config else []
    limits = set(config.get("max_tokens", {}).values())
    parts += [f"--max-tokens {limits.pop()}"] if len(limits) == 1 else []
    if "thought_tokens" in config:
        parts.append(f"--thought-tokens {config['thought_tokens']}")
    last = dict(gathered.runs[-1]) if gathered.runs else {}
    given = {"draws": last.get("draws"), "cap": last.get("cap") or "DOLLARS"}
    given["cap-per-model"] = last.get("cap_per_model")
    parts += [f"--{name} {value}" for name, value in given.items() if value is not None]
    return [" ".join(parts), f"evenodds survey report {quote(folder)}"]


def _contents(questions: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The hashes of what was asked; of many questions where they are told."""
    if len(questions) > MANY:
        return [("questions", f"{len(questions)}, whole in questions.json")]
    return [(f"question {name}", str(content)) for name, content in questions.items()]


def _facts(analysis: Analysis, gathered: Gathered) -> list[tuple[str, str]]:
    questions = gathered.config.get("questions", {})
    settings = analysis.settings
    named = [
        ("catalogue", f"{gathered.source} {gathered.catalogue}".strip()),
        *_contents(questions),
        ("replies, SHA-256", gathered.replies),
        ("calls", f"{gathered.calls:,}, {gathered.began} to {gathered.last}"),
        ("seeds", f"run {gathered.config.get('seed', '–')}, analysis {settings.seed}"),
        (
            "verdicts",
            f"eps {settings.eps:g}, alpha {settings.alpha:g}, from {settings.minimum} draws on",
        ),
        ("versions", ", ".join(f"{name} {value}" for name, value in analysis.versions.items())),
    ]
    return [(name, value) for name, value in named if value]
