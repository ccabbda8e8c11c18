"""The page: one self-contained HTML file that tells a story with its figures.

Jinja2 escapes everything that is not a figure, and `visible` spells out what is invisible in all
that is put into the page, so that no reply of a model can run, hide or reorder anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evenodds import __version__
from evenodds.ledger.files import write_atomically
from evenodds.report import figures
from evenodds.report.curve import learning_curve
from evenodds.report.story import (
    Kept,
    Pair,
    Row,
    Side,
    Story,
    by_split,
    favourite,
    headline,
    mean,
    overall,
    rows,
    split_name,
)
from evenodds.report.svg import visible
from evenodds.report.text import distance, duration, percent, printable

_WIDE, _NARROW = 960, 350
_CHARTS = 3
_OTHERS = 5
_SMALLEST = 0.0005


def write_page(story: Story, path: Path) -> None:
    """Write the page of `story` to `path`, whole or not at all. Raises OSError on a full disk."""
    write_atomically(path, render_page(story))


def render_page(story: Story) -> str:
    """Return the page of `story` as HTML."""
    return (
        page_environment()
        .get_template("page.html.j2")
        .render(
            story=story,
            version=__version__,
            headline=headline(story),
            css=_css(),
            symbols=figures.die_symbols(),
            hundred=_hundred(story.lead),
            sides=_sides(story),
            charts=_charts(story.pairs),
            curve=_curve(story),
            splits=_splits(story.pairs),
            groups=[_phrasings(split, pairs) for split, pairs in by_split(story.pairs).items()],
            cost=_cost(story.kept),
            measured=_measured(story),
            facts=_facts(story),
        )
    )


@cache
def page_environment() -> Environment:
    """The templates, with escaping on and what is invisible spelled out."""
    environment = Environment(
        loader=PackageLoader("evenodds.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(distance=distance, percent=percent, printable=printable)
    return environment


def _css() -> Markup:
    source = (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
    return Markup(source)


def _hundred(lead: Pair) -> dict[str, Markup | None]:
    marked = figures.marked_outcome(lead)
    return {
        "before": figures.hundred(lead.before, marked, "before training"),
        "after": figures.hundred(lead.after, marked, "after training"),
    }


def _sides(story: Story) -> dict[str, dict[str, str]]:
    return {
        "before": {"title": "Before", "said": _said(story.lead.before)},
        "after": {
            "title": f"After {duration(story.seconds)}",
            "said": _said(story.lead.after),
        },
    }


def _said(side: Side) -> str:
    likeliest = favourite(side)
    if likeliest is None:
        return ""
    outcome, probability = likeliest
    words = f"Likeliest answer: {printable(outcome, 30)}, {percent(probability)}."
    invalid = f" No valid answer: {percent(side.invalid)}." if side.invalid >= _SMALLEST else ""
    return words + invalid


def _charts(pairs: Sequence[Pair]) -> list[dict[str, object]]:
    leads: dict[str, Pair] = {}
    for pair in pairs:
        leads.setdefault(pair.law, pair)
    return [_chart(pair) for pair in list(leads.values())[:_CHARTS] if pair.target is not None]


def _chart(pair: Pair) -> dict[str, object]:
    return {
        "title": _chart_title(pair),
        "law": pair.law,
        "before": figures.pmf_chart(pair, "before") or "",
        "after": figures.pmf_chart(pair, "after") or "",
        "tv_before": distance(pair.before.tv),
        "tv_after": distance(pair.after.tv),
    }


def _chart_title(pair: Pair) -> str:
    each = "Each face" if figures.is_die(list(pair.target or {})) else "Each outcome"
    return f"{each}, before and after"


def _curve(story: Story) -> dict[str, object]:
    return {
        "title": f"{story.steps} steps, {duration(story.seconds)}",
        "wide": learning_curve(story, _WIDE),
        "narrow": learning_curve(story, _NARROW),
    }


def _splits(pairs: Sequence[Pair]) -> dict[str, object]:
    table = rows(pairs)
    named = [{**asdict(row), "name": split_name(row.split)} for row in table]
    unseen = [row for row in table if row.split != "train"]
    return {"rows": named, "title": _splits_title(unseen), "words": _splits_words(unseen)}


def _splits_title(unseen: Sequence[Row]) -> str:
    if not unseen:
        return "Every phrasing it was trained on"
    first = unseen[0]
    change = f"{distance(first.tv_before)} before, {distance(first.tv_after)} after"
    return f"On {split_name(first.split)}: {change}"


def _splits_words(unseen: Sequence[Row]) -> str:
    if not unseen:
        return "No held-out tasks were measured, so nothing is known of other phrasings."
    n = sum(row.n for row in unseen)
    return (
        f"{n} held-out phrasings were kept from every training step. "
        "They tell whether the model learnt to roll a die, or only to answer one prompt."
    )


def _phrasings(split: str, pairs: Sequence[Pair]) -> dict[str, object]:
    return {
        "title": f"{split_name(split).capitalize()} ({len(pairs)})",
        "folded": split == "train" and len(pairs) > 6,
        "before": mean(pair.before.tv for pair in pairs),
        "after": mean(pair.after.tv for pair in pairs),
        "strip_wide": figures.strip(pairs, _WIDE),
        "strip_narrow": figures.strip(pairs, _NARROW),
        "cards": [_card(pair) for pair in sorted(pairs, key=lambda pair: -pair.after.tv)],
    }


def _card(pair: Pair) -> dict[str, object]:
    return {
        "prompt": pair.prompt,
        "before": figures.spark(pair.before, pair.target, "before"),
        "after": figures.spark(pair.after, pair.target, "after"),
        "tv_before": pair.before.tv,
        "tv_after": pair.after.tv,
    }


def _cost(kept: Sequence[Kept]) -> dict[str, object]:
    total = overall(kept)
    if total is None:
        return {"total": None}
    change = 100 * (total.after - total.before)
    verb = "cost" if change < 0 else "gained"
    title = f"On ordinary instructions it {verb} {abs(change):.1f} points"
    if abs(change) < 0.05:
        title = "On ordinary instructions it cost nothing"
    return {"total": total, "rows": kept, "title": title, "words": _cost_words(total)}


def _cost_words(total: Kept) -> str:
    right = "what it had answered before" if total.own else "the right reply"
    return (
        f"To {total.n} ordinary instructions that ask for no chance, the model gave {right} with a "
        f"mean probability of {percent(total.before)} before and {percent(total.after)} after."
    )


def _measured(story: Story) -> dict[str, object]:
    drawn = sum(pair.method != "exact" for pair in story.pairs)
    words = (
        "Exactly: the probability of every accepted answer is computed from the model, up to and "
        "including the token that ends its turn. Nothing is sampled, so no number here has noise."
    )
    if drawn:
        words = (
            f"{len(story.pairs) - drawn} of {len(story.pairs)} phrasings exactly, up to and "
            f"including the token that ends the turn; {drawn} from fresh draws before or after, "
            "since more than .02 of what the model says there could not be followed. Those numbers "
            "carry sampling noise."
        )
    return {"words": words, "facts": _measured_facts(story)}


def _measured_facts(story: Story) -> list[tuple[str, str]]:
    decoding = ", ".join(f"{name} {value}" for name, value in story.decoding.items())
    most = max(pair.after.masses.get("unaccounted", 0.0) for pair in story.pairs)
    return [
        ("method", ", ".join(sorted({pair.method for pair in story.pairs}))),
        ("decoding", decoding or "temperature 1"),
        ("unaccounted mass", f"at most {percent(most)} on any phrasing after training"),
        *((f"other answers {when}", _others(found)) for when, found in _lead_sides(story)),
    ]


def _lead_sides(story: Story) -> list[tuple[str, Side]]:
    sides = [("before", story.lead.before), ("after", story.lead.after)]
    return [(when, found) for when, found in sides if _others(found)]


def _others(found: Side) -> str:
    listed = sorted(found.others.items(), key=lambda item: -item[1])[:_OTHERS]
    shown = [(text.strip(), mass) for text, mass in listed if mass >= _SMALLEST]
    return ", ".join(f"“{printable(text, 40)}” {percent(mass)}" for text, mass in shown)


def _facts(story: Story) -> list[tuple[str, str]]:
    suites: Mapping[str, str] = story.suites
    return [
        ("model", story.model),
        ("seed", str(story.seed)),
        *((f"suite {name}", value) for name, value in suites.items()),
        ("versions", ", ".join(f"{name} {value}" for name, value in story.versions.items())),
    ]
