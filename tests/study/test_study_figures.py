"""The figures of studies hold what their data hold, and are whole SVG files."""

import re
from xml.etree import ElementTree

import pytest

from evenodds.report.map_figure import End, Told, map_figure
from evenodds.report.panel import Axis, Panel, Scale
from evenodds.report.tried_figure import Tried, tried_figure

ENDS = [
    End("collapsed", "4", "stuck", "still one face"),
    End("fair", "=", "good", "all faces alike"),
    End("gibberish", "?", "broken", "no answer <at all>"),
]
TOLD = Told("Ends", "learning rate", "coefficient", "a map & its words")
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def classes(svg):
    return [node.get("class") or "" for node in ElementTree.fromstring(svg).iter()]


def test_a_map_shows_a_sign_for_every_seed_of_every_cell():
    cells = {
        (1e-5, 0.0): ["collapsed"] * 5,
        (1e-5, 0.1): ["collapsed"] * 2 + ["fair"] * 3,
        (3e-4, 0.0): ["fair", "gibberish", "collapsed", "gibberish", "fair"],
        (3e-4, 0.1): ["gibberish"] * 5,
    }
    drawn = map_figure(TOLD, ENDS, cells, {(1e-5, 0.0): "tv .70"})
    signs = [text for text in texts(drawn) if text in {"4", "=", "?"}]
    legend = 1
    assert signs.count("4") == 8 + legend and signs.count("=") == 5 + legend
    assert signs.count("?") == 7 + legend
    assert {"1e-5", "3e-4", "0", "0.1", "tv .70"} <= set(texts(drawn))


def test_a_cell_takes_the_look_of_a_majority_only():
    cells = {(1, 1): ["fair"] * 3 + ["collapsed"] * 2, (2, 1): ["fair"] * 2 + ["gibberish"] * 2}
    assert [c for c in classes(map_figure(TOLD, ENDS, cells, {})) if c.startswith("cell")] == [
        "cell good",
        "cell",
    ]


def test_words_are_escaped_and_told_to_who_cannot_see():
    drawn = map_figure(TOLD, ENDS, {(1, 1): ["fair"]}, {})
    root = ElementTree.fromstring(drawn)
    assert root.find(f"{SVG}title").text == "a map & its words"
    assert any("no answer <at all>" in (text or "") for text in texts(drawn))


def test_figures_follow_light_and_dark():
    for drawn in (map_figure(TOLD, ENDS, {(1, 1): ["fair"]}, {}), tried_figure(RUNS, ARMS, 1000)):
        light, dark = drawn.split("prefers-color-scheme: dark")
        assert "background: #fff" in light and "background: #14181d" in dark


@pytest.mark.parametrize("log", [False, True])
def test_a_scale_reaches_both_ends_and_keeps_the_order(log):
    scale = Scale(0.01, 100, 10, 210, log=log)
    assert scale(0.01) == pytest.approx(10) and scale(100) == pytest.approx(210)
    places = [scale(v) for v in (0.01, 0.1, 1, 10, 100)]
    assert places == sorted(places)
    assert (places[2] == pytest.approx(110)) is log


def test_a_panel_puts_points_where_its_ticks_are():
    x = Axis(Scale(0, 10, 50, 150), "x", [(5, "five")])
    panel = Panel("p", x, Axis(Scale(0, 1, 100, 0), "y", [(0.5, "half")]))
    assert panel.at(5, 0.5) == (100, 50)
    assert 'x="100" y="118"' in str(panel.drawn()) and "five" in str(panel.drawn())


ARMS = ["plain", "bonus", "taught"]
RUNS = [
    Tried(arm, before, first, after, [[0, before], [500, (before + after) / 2], [1000, after]], ans)
    for arm, ends in {
        "plain": [(32, 0.9), (None, 1e-6)],
        "bonus": [(16, 0.95), (640, 0.2)],
        "taught": [(16, 0.99), (16, 0.97)],
    }.items()
    for (before, ans), (first, after) in zip([(0.05, "6"), (1e-6, "20")], ends, strict=True)
    for _ in range(5)
]


def test_every_run_is_a_mark_in_both_upper_panels_and_a_line_below():
    drawn = tried_figure(RUNS, ARMS, 1000)
    for look in ("plain", "bonus", "taught"):
        assert classes(drawn).count(f"mark {look}") == 10 + 10 + 1  # and one in the legend
        assert classes(drawn).count(f"thin {look}") == 10
    assert {"plain", "bonus", "taught", "never"} <= set(texts(drawn))


def test_marks_lie_at_their_probabilities():
    one = Tried("plain", 0.01, 100, 0.5, [[0, 0.01], [1000, 0.5]], "6")
    drawn = tried_figure([one], ["plain"], 1000)
    places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)[1:]
    success, first = [(float(x), float(y)) for x, y in places]
    assert success[1] == pytest.approx((340 + 112) / 2)
    assert 112 < first[1] < 340


def test_arms_differ_without_colour():
    drawn = tried_figure(RUNS, ARMS, 1000)
    assert "<circle" in drawn and "rotate(45" in drawn and "stroke-dasharray: 6 4" in drawn
