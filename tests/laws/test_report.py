"""What the report promises of any text and any pmf: safe, short, nothing lost."""

import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from evenodds.report import svg
from evenodds.report.bar import WIDTH, drawn_bar
from evenodds.report.shape import bars, per_hundred
from evenodds.report.terminal import console, print_lines, side_by_side
from evenodds.report.text import columns, distance, fitted, percent, printable

any_text = st.text(st.characters(exclude_categories=()), max_size=200)
pmfs = st.dictionaries(any_text, st.floats(0.001, 1), min_size=1, max_size=40).map(
    lambda weights: {name: weight / sum(weights.values()) for name, weight in weights.items()}
)


@given(any_text, st.integers(1, 80))
def test_printable_is_visible_encodable_and_short(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert len(shown) <= limit
    assert shown.encode("utf-8").decode("utf-8") == shown
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not {unicodedata.category(character) for character in shown} & hidden


@given(st.text(st.characters(categories=["L", "N"], max_codepoint=0x2FF), max_size=40))
def test_printable_leaves_ordinary_text_alone(text: str) -> None:
    assert printable(text) == text


@given(any_text, st.integers(1, 40))
def test_fitted_takes_exactly_its_columns(text: str, width: int) -> None:
    assert columns(fitted(text, width)) == width


@given(st.lists(pmfs, min_size=1, max_size=3), st.integers(2, 20))
def test_bars_are_few_and_keep_every_total(compared: list[dict[str, float]], limit: int) -> None:
    shown = bars(compared, limit)
    assert len(shown) <= limit
    for which, pmf in enumerate(compared):
        assert abs(sum(bar.heights[which] for bar in shown) - sum(pmf.values())) < 1e-9


@given(pmfs, st.floats(0, 1))
def test_a_hundred_is_a_hundred(pmf: dict[str, float], invalid: float) -> None:
    counts = per_hundred({name or "x": mass for name, mass in pmf.items()}, invalid)
    assert sum(counts.values()) == 100


@given(st.integers(1, 30))
def test_a_hundred_is_within_one_of_the_exact_share(sides: int) -> None:
    counts = per_hundred({str(n): 1 / sides for n in range(sides)})
    assert all(abs(count - 100 / sides) < 1 for count in counts.values())


@given(st.floats(-1, 2), st.integers(1, 60), st.booleans())
def test_a_bar_stays_in_its_room(share: float, width: int, blocks: bool) -> None:
    drawn = drawn_bar(share, width, blocks)
    assert len(drawn) <= width
    assert blocks or set(drawn) <= {"#"}


@given(st.lists(pmfs, min_size=1, max_size=3), st.booleans())
def test_histograms_fit_80_columns_and_one_line_each(
    compared: list[dict[str, float]], blocks: bool
) -> None:
    named = {f"pmf {which}": pmf for which, pmf in enumerate(compared)}
    lines = side_by_side(named, blocks=blocks)
    assert all(columns(line.plain) <= WIDTH for line in lines)
    out = io.StringIO()
    print_lines(console(out), lines)
    assert len(out.getvalue().split("\n")) == len(lines) + 1
    assert "\x1b" not in out.getvalue()


@given(any_text, any_text)
def test_svg_escapes_texts_and_attributes(words: str, title: str) -> None:
    drawn = svg.element("text", words, data_title=title)
    inner = drawn.removeprefix("<text").removesuffix("</text>")
    assert "<" not in inner
    assert inner.count('"') == 2


@given(st.floats(0, 1))
def test_numbers_are_never_rounded_to_perfection(value: float) -> None:
    assert (distance(value) == "0") == (value == 0)
    assert (percent(value) == "0%") == (value == 0)
    assert (percent(value) == "100%") == (value == 1)
