"""Dice against icepool, against plain enumeration, and against published facts."""

import itertools
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import icepool
import pytest

from evenodds.distributions import dice, maximum, minimum
from evenodds.distributions.pools import power
from evenodds.errors import TargetError


def enumerated(count: int, sides: int, value: Callable[[tuple[int, ...]], int]) -> Counter[int]:
    return Counter(map(value, itertools.product(range(1, sides + 1), repeat=count)))


@pytest.mark.parametrize(
    ("notation", "count", "sides", "value"),
    [
        ("2d6", 2, 6, sum),
        ("d20", 1, 20, sum),
        ("3d4+5", 3, 4, lambda faces: sum(faces) + 5),
        ("10-2d6", 2, 6, lambda faces: 10 - sum(faces)),
        ("-1d6", 1, 6, lambda faces: -faces[0]),
        ("1d6-1d6", 2, 6, lambda faces: faces[0] - faces[1]),
        ("2d4+2d4-1", 4, 4, lambda faces: sum(faces) - 1),
        ("4d6kh3", 4, 6, lambda faces: sum(sorted(faces)[1:])),
        ("4d6k3", 4, 6, lambda faces: sum(sorted(faces)[1:])),
        ("4d6dl1", 4, 6, lambda faces: sum(sorted(faces)[1:])),
        ("4d6dl", 4, 6, lambda faces: sum(sorted(faces)[1:])),
        ("4d6kl2", 4, 6, lambda faces: sum(sorted(faces)[:2])),
        ("4d6dh1", 4, 6, lambda faces: sum(sorted(faces)[:3])),
        ("5d4dl1dh1", 5, 4, lambda faces: sum(sorted(faces)[1:4])),
        ("2d20kh", 2, 20, max),
        ("2d20kl1", 2, 20, min),
        ("4dF", 4, 3, lambda faces: sum(faces) - 8),
        ("d%", 1, 100, sum),
        ("d6r1", 1, 5, lambda faces: faces[0] + 1),
        ("2d6r<3", 2, 4, lambda faces: sum(faces) + 4),
        ("2d6r>=5", 2, 4, sum),
        ("d6r1r6", 1, 4, lambda faces: faces[0] + 1),
        ("d6ro1", 2, 6, lambda faces: faces[1] if faces[0] == 1 else faces[0]),
        ("d6ro<=3", 2, 6, lambda faces: faces[1] if faces[0] <= 3 else faces[0]),
        (" 2 D 6 + 1 ", 2, 6, lambda faces: sum(faces) + 1),
        ("7", 1, 1, lambda _: 7),
    ],
)
def test_notation_is_what_enumeration_counts(
    notation: str, count: int, sides: int, value: Callable[[tuple[int, ...]], int]
) -> None:
    counts = enumerated(count, sides, value)
    pmf = dice(notation)
    assert {x: pmf.prob(x) for x in pmf} == {
        x: Fraction(n, sides**count) for x, n in counts.items()
    }
    assert list(pmf) == sorted(pmf)
    assert pmf.error == 0


@pytest.mark.parametrize(
    ("count", "sides"), [(1, 6), (7, 6), (20, 3), (13, 20), (100, 6), (6, 100)]
)
def test_sums_of_many_dice_are_icepools(count: int, sides: int) -> None:
    expected = count @ icepool.d(sides)
    assert dict(dice(f"{count}d{sides}").items()) == dict(expected.simplify().items())


def test_powers_of_crooked_dice_are_icepools() -> None:
    die = icepool.Die({-2: 3, 0: 1, 5: 4})
    for count in (1, 2, 9):
        expected = dict((count @ die).items())
        assert dict(power(list(die.items()), count, "it")) == expected


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        ("10d10kh4", lambda: icepool.d10.highest(10, 4)),
        ("8d12kl3", lambda: icepool.d12.lowest(8, 3)),
        ("6d6dl2dh1", lambda: icepool.d6.keep(6, slice(2, 5))),
        ("3d6r1kh2", lambda: icepool.d6.reroll([1], depth="inf").highest(3, 2)),
    ],
)
def test_pools_are_icepools(notation: str, expected: Callable[[], icepool.Die[int]]) -> None:
    assert dict(dice(notation).items()) == dict(expected().simplify().items())


def test_exploding_dice_match_the_geometric_series() -> None:
    """d6!: P(6k + r) = 6^-(k + 1) for r = 1..5; its mean is 21/5 and its variance 10.64."""
    pmf = dice("d6!")
    for value in range(1, 40):
        exact = Fraction(1, 6 ** (value // 6 + 1)) if value % 6 else Fraction(0)
        assert abs(pmf.prob(value) - exact) <= pmf.error
    assert 0 < pmf.error < 1e-12
    assert float(pmf.mean() or 0) == pytest.approx(21 / 5, abs=1e-9)
    assert float(pmf.variance() or 0) == pytest.approx(10.64, abs=1e-7)


def test_exploding_pools_stay_within_their_error() -> None:
    deep = icepool.d4.explode(depth=60)
    for notation, expected in {"3d4!": 3 @ deep, "3d4!kh2": deep.highest(3, 2)}.items():
        pmf = dice(notation)
        there = {x: Fraction(w, expected.denominator()) for x, w in expected.items()}
        tv = sum(abs(pmf.prob(x) - there.get(x, 0)) for x in {*pmf, *there}) / 2
        assert 0 < tv <= pmf.error < 1e-11


def test_extremes_are_kept_dice() -> None:
    assert maximum(dice("d20"), 2) == dice("2d20kh1")
    assert minimum(dice("d6"), 5) == dice("5d6kl1")
    assert maximum(dice("d20000"), 3) == dice("3d20000kh")
    assert dice("3d6dl1dh1") == dice("3d6dh1dl1")
    assert dice("3d6dl1dh1").mean() == Fraction(7, 2)


def test_published_facts() -> None:
    """anydice.com/articles: 4d6 drop lowest, 12.2446; the advantage of 2d20, 13.825 and 7.175.
    Knuth, TAOCP vol. 2, 3.3.1: the sum of two dice has probabilities 1/36, ..., 6/36, ..., 1/36.
    """
    assert dice("4d6kh3").mean() == Fraction(15869, 1296)
    assert [dice("4d6kh3").weight(x) for x in range(3, 19)] == [
        *(1, 4, 10, 21, 38, 62, 91, 122, 148, 167, 172, 160, 131, 94, 54, 21)
    ]
    assert dice("2d20kh1").mean() == Fraction(553, 40)
    assert dice("2d20kl1").mean() == Fraction(287, 40)
    assert [dice("2d6").prob(s) * 36 for s in range(2, 13)] == [1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]
    assert dice("3d6").prob(10) == Fraction(27, 216)
    assert dice("4dF").prob(0) == Fraction(19, 81)


@pytest.mark.parametrize(
    "notation",
    [
        *(
            "",
            "d",
            "2d",
            "2x6",
            "d6kx",
            "d6kh2",
            "2d6dh2",
            "2d6dl1dl1",
            "0d6",
            "d0",
            "d6r",
            "2d6 3",
        ),
        *(
            "2d6+",
            "--3",
            "d6!d6",
            "d1!",
            "d6r<=6",
            "d6r>0",
            "d6r2r3r4r5r6!r1",
            "٣d6",
        ),
        *(
            "2d6*2",
            "(2d6)",
            "1e3d6",
            "d6.5",
            "99999999999d6",
            "d99999999999",
            "99999999999",
            "5000d6",
        ),
    ],
)
def test_what_is_no_notation_is_refused(notation: str) -> None:
    with pytest.raises(TargetError):
        dice(notation)
