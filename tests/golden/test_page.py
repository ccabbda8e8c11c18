"""The page: equal to the stored one, safe against its own subject, readable by everyone.

After a wanted change: EVENODDS_GOLDEN=write pytest tests/golden/test_page.py, and look at the page.
"""

import os
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from page_story import HOSTILE, hostile_story, pair, plain_story, side

from evenodds.report.page import render_page, write_page
from evenodds.report.story import Pair, Side, Story, headline

GOLDEN = Path(__file__).parent / "page.html"
VOID = {"meta", "br", "img", "link", "hr", "input"}
LOADS = {"src", "href", "xlink:href", "srcset", "data", "action", "poster"}


class Reader(HTMLParser):
    """Reads a page strictly: every element that opens must close in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def every(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(params=[plain_story, hostile_story], ids=["plain", "hostile"])
def page(request: pytest.FixtureRequest) -> str:
    return render_page(request.param())


def test_the_page_is_the_stored_one() -> None:
    page = render_page(plain_story())
    if os.environ.get("EVENODDS_GOLDEN") == "write":
        GOLDEN.write_text(page, encoding="utf-8")
    assert page == GOLDEN.read_text(encoding="utf-8")


def test_the_page_is_well_formed(page: str) -> None:
    assert Reader(page).open == []


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    read = Reader(page)
    assert {tag for tag, _ in read.found} & {"script", "iframe", "object", "img", "link"} == set()
    for _, attributes in read.found:
        assert all(attributes[name].startswith("#") for name in LOADS & set(attributes))
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in page and "@import" not in page


def test_nothing_invisible_reaches_the_page(page: str) -> None:
    page.encode("utf-8")
    hidden = {"Cc", "Cf", "Cs", "Co"}
    assert {c for c in page if unicodedata.category(c) in hidden} <= {"\n"}
    assert len(page) < 1_000_000


def test_hostile_text_is_shown_as_text() -> None:
    page = render_page(hostile_story())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "\\u202e4 desrever" in page
    assert not any(text in page for text in (HOSTILE[0], HOSTILE[2], HOSTILE[5]))


def test_figures_and_tables_speak(page: str) -> None:
    read = Reader(page)
    drawn = [svg for svg in read.every("svg") if "aria-hidden" not in svg]
    assert drawn and all(svg["role"] == "img" and svg["aria-label"] for svg in drawn)
    assert all(cell.get("scope") in ("col", "row") for cell in read.every("th"))
    assert len(read.every("h1")) == 1
    assert read.every("html")[0]["lang"] == "en"
    identifiers = [attributes["id"] for _, attributes in read.found if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_contrast_enough_in_light_and_dark_and_print() -> None:
    blocks = re.findall(r":root \{(.*?)\}", render_page(plain_story()), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        colours = dict(re.findall(r"--(\w+): (#\w+);", block))
        paper = luminance(colours["paper"])
        for name in ("ink", "soft", "before", "after"):
            low, high = sorted((luminance(colours[name]), paper))
            assert (high + 0.05) / (low + 0.05) >= 4.5, name


def test_the_headline_claims_no_more_than_was_measured() -> None:
    story = plain_story()
    assert headline(story) == (
        "Asked to roll a die, tiny said 4 in 87 of 100 rolls. "
        "After 12 seconds of training it rolls fair."
    )
    unfair = replace(story, pairs=[pair("Roll.", "train", side(0.87), side(0.5))])
    assert headline(unfair).endswith("its distance from fair fell from 0.70 to 0.33.")
    worse = replace(story, pairs=[pair("Roll.", "train", side(0.5), side(0.87))])
    assert "went from 0.33 to 0.70" in headline(worse)


def bare(story: Story) -> Story:
    """The story of a support too large to list, with no curve and no instructions."""
    large = Side(0.4, {"support": 1.0})
    return replace(
        story, pairs=[Pair("Shuffle.", "shuffle(...)", "train", large, large)], curve=[], kept=[]
    )


def test_a_story_with_little_to_show_still_has_a_page() -> None:
    page = render_page(bare(plain_story()))
    assert Reader(page).open == []
    assert "No held-out tasks were measured" in page


def test_the_page_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    write_page(plain_story(), path)
    assert path.read_text(encoding="utf-8").endswith("</html>\n")
    with pytest.raises(OSError):
        write_page(plain_story(), path / "below" / "a-file.html")
    assert [found.name for found in tmp_path.iterdir()] == ["index.html"]
