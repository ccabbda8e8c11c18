"""A survey of a market, reported: page, terminal and CSV say the numbers of the record."""

from __future__ import annotations

import csv
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from evenodds.cli import app
from evenodds.report.survey_export import export_rows
from evenodds.report.survey_figures import THOUSAND
from evenodds.report.survey_terminal import whole
from evenodds.report.survey_words import dollars
from evenodds.report.text import distance, printable
from evenodds.survey.analysis.analysis import Analysis
from evenodds.survey.gathered import Gathered
from evenodds.survey.market import Market

MODELS = 14


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a survey of two questions, and what its report printed."""
    out = tmp_path_factory.mktemp("survey")
    market = {
        "models": MODELS,
        "seed": 4,
        "faults": "few,stall=0",
        "latency": 0.0,
        "dead": 0,
        "limited": 0.0,
    }
    with Market(**market) as there:
        run = ["run", there.url, "--out", str(out), "--draws", "60", "--eps", "0.2", "--cap", "5"]
        asked = ["-q", "coin", "-q", "die"]
        ran = CliRunner().invoke(app, ["survey", *run, *asked], env={"OPENAI_API_KEY": "k"})
        assert ran.exit_code == 0, ran.output
    told = CliRunner().invoke(app, ["survey", "report", str(out), "--all"])
    assert told.exit_code == 0, told.output
    return out, told.stdout


@cache
def record(folder: Path) -> tuple[Analysis, Gathered]:
    read = json.loads((folder / "report.json").read_text("utf-8"))
    return Analysis.from_json(read["analysis"]), Gathered.from_json(read["gathered"])


def page(folder: Path) -> str:
    return (folder / "report.html").read_text("utf-8")


def figures(folder: Path, kind: str) -> list[ElementTree.Element]:
    """The figures of the page whose class ends so."""
    drawn = re.findall(rf'<svg class="survey{kind}".*?</svg>', page(folder), re.S)
    return [ElementTree.fromstring(each) for each in drawn]


def words(group: ElementTree.Element, kind: str) -> list[str]:
    return [each.text or "" for each in group.iter("text") if each.get("class") == kind]


def ticks(figure: ElementTree.Element) -> list[tuple[float, float]]:
    """Value and place of the marks on the axis of bias, which begins at 0."""
    found = []
    for group in figure.findall("g"):
        lines, texts = group.findall("line"), group.findall("text")
        if len(lines) == len(texts) == 1 and (texts[0].text or "").startswith((".", "0")):
            found.append((float(texts[0].text or 0), float(lines[0].get("x1", 0))))
    return found


def test_every_row_of_the_forest_is_the_record_s(surveyed: tuple[Path, str]) -> None:
    folder, _ = surveyed
    every = [(q.question, r) for q in record(folder)[0].questions for r in q.rows]
    rows = {(question, printable(row.model, 34)): row for question, row in every}
    blocks = figures(folder, " forest")
    seen = []
    for question, figure in zip(("coin", "die"), blocks, strict=True):
        (zero, left), *_, (last, right) = ticks(figure)
        scale = (right - left) / (last - zero)
        for group in figure.findall("g"):
            if not (group.get("class") or "").startswith("is-"):
                continue
            row = rows[question, words(group, "name")[0]]
            seen.append((question, words(group, "name")[0]))
            assert group.get("class") == f"is-{row.verdict}"
            place = None if row.first_place is None else row.first_place.value
            bad = None if row.invalid is None else row.invalid.value
            shown = [f"{row.n:,}", *map(whole, (row.near, place, bad)), dollars(row.cost)]
            assert words(group, "number") == shown
            if row.tv is None or row.shrunken is None:
                continue
            dot, (reach, stroke) = group.findall("circle")[0], group.findall("line")
            drawn = [dot.get("cx"), reach.get("x1"), reach.get("x2"), stroke.get("x1")]
            true = [row.tv, row.low, row.high, row.shrunken]
            for x, value in zip(drawn, true, strict=True):
                assert (float(x or 0) - left) / scale == pytest.approx(value, abs=0.011 / scale)
            said = f"bias {distance(row.tv)} ({distance(row.low)} to {distance(row.high)}), rank "
            assert said in (group.find("title") or group).itertext().__next__()
    assert sorted(seen) == sorted(rows)


def test_the_csv_is_the_record_s(surveyed: tuple[Path, str]) -> None:
    folder, _ = surveyed
    with (folder / "models.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    exported = list(export_rows(record(folder)[0]))
    assert len(read) == len(exported) == 2 * MODELS
    for cells, values in zip(read, exported, strict=True):
        assert cells == {name: "" if v is None else str(v) for name, v in values.items()}


def test_the_terminal_shows_the_record_s_numbers(surveyed: tuple[Path, str]) -> None:
    folder, told = surveyed
    for found in record(folder)[0].questions:
        for row in found.rows:
            interval = "–" if row.tv is None else f"{distance(row.low)}-{distance(row.high)}"
            line = re.compile(rf"{row.n} +{re.escape(distance(row.tv))} *{re.escape(interval)} ")
            assert [
                each for each in told.splitlines() if row.model[:17] in each and line.search(each)
            ]


def test_sums_on_the_page_are_those_of_its_rows(surveyed: tuple[Path, str]) -> None:
    folder, told = surveyed
    analysis, gathered = record(folder)
    flat, costs = " ".join(told.split()), analysis.costs
    assert costs is not None
    for text in (html.unescape(" ".join(page(folder).split())), flat):
        for found in analysis.questions:
            counts = [found.number(v) for v in ("fair", "biased", "undecided")]
            said = re.search(
                rf"{found.question}: of {len(found.rows)} models (\d+) (?:is|are) fair within .2, "
                r"(\d+) biased, (\d+) undecided[^,]*, after ([\d,]+) draws, for \$(\d+\.\d\d)",
                text,
            )
            assert said is not None
            assert [int(each.replace(",", "")) for each in said.groups()[:4]] == [
                *counts,
                sum(row.n for row in found.rows),
            ]
            assert float(said[5]) == pytest.approx(sum(r.cost for r in found.rows), abs=0.005)
        assert f"{sum(gathered.faults.values()):,} calls brought no reply" in text
    assert costs.draws == sum(row.n for q in analysis.questions for row in q.rows)
    assert f"{dollars(costs.spent)} for {costs.draws:,} draws" in page(folder)
    assert sum(map(int, re.findall(r"<li>([\d,]+) ×", page(folder)))) == sum(
        gathered.faults.values()
    )


def table(folder: Path, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so, as texts."""
    whole_page = page(folder)
    at = whole_page.index(f"<caption>{caption}")
    body = whole_page[at : whole_page.index("</table>", at)].split("<tbody>")[1]
    return [
        [html.unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in body.split("</tr>")[:-1]
    ]


def test_the_table_of_costs_is_the_record_s(surveyed: tuple[Path, str]) -> None:
    costs = record(surveyed[0])[0].costs
    assert costs is not None
    rows: list[Any] = table(surveyed[0], "The dearest models")
    assert len(rows) == 10
    for cells, row in zip(rows, costs.models, strict=False):
        price = "–" if row.a_draw is None else dollars(THOUSAND * row.a_draw)
        assert cells[:5] == [
            row.model,
            dollars(row.spent),
            whole(row.share),
            f"{row.draws:,}",
            price,
        ]


def test_the_prices_of_the_figure_are_the_record_s(surveyed: tuple[Path, str]) -> None:
    analysis = record(surveyed[0])[0]
    assert analysis.costs is not None
    price = {m.model: m.a_draw for m in analysis.costs.models}
    titles = re.findall(r"<title>(\S+): (\S+) per 1,000, (\S+)</title>", page(surveyed[0]))
    assert titles
    shown = {(row.model, distance(row.tv)) for q in analysis.questions for row in q.rows}
    for model, amount, tv in titles:
        assert html.unescape(amount) == dollars(THOUSAND * (price[model] or 0.0))
        assert (model, html.unescape(tv)) in shown
