"""Questions: the design is a Latin square, cells are drawn independently, nothing is misnamed."""

import math
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise, product

import pytest
import yaml
from scipy import stats

from evenodds.distributions import parse
from evenodds.errors import EvenoddsError, RunError
from evenodds.survey.cells import load_question, question_of, structured_arm
from evenodds.survey.question import QUESTIONS
from evenodds.tasks import Task, load_suite

LISTED = ("coin", "die", "weighted", "twelve")
DESIGNED = (*LISTED, *(f"{name}_structured" for name in LISTED))


def test_the_articles_prompt_is_the_one_that_was_published():
    (cell,) = QUESTIONS["coin_article"].cells
    published = [task for task in load_suite("coin").tasks if task.family == "coin article"]
    assert cell.task.prompt == published[0].prompt and cell.task.format == published[0].format
    assert cell.labels == ("0", "1") and not QUESTIONS["coin_article"].positions
    assert "single draw from the set {0, 1},\n  where both 0 and 1" in cell.task.prompt


@pytest.mark.parametrize("name", DESIGNED)
def test_every_label_stands_once_at_every_place(name):
    places = defaultdict(set)
    for cell in QUESTIONS[name].cells:
        for place, label in enumerate(cell.shown):
            places[cell.phrasing, cell.label_set, label].add(place)
    assert all(found == set(range(QUESTIONS[name].places)) for found in places.values())
    assert QUESTIONS[name].positions


@pytest.mark.parametrize("name", DESIGNED)
def test_prompts_name_the_labels_in_the_order_shown(name):
    for cell in QUESTIONS[name].cells:
        text = cell.task.prompt
        asked = text[text.index("{") :] if "{" in text else text
        named = [asked.rfind(label) for label in cell.shown]
        assert -1 not in named and len(cell.labels) == len(set(cell.labels))
        firsts = [
            min(i for i in range(len(text)) if _stands(text, label, i)) for label in cell.shown
        ]
        assert firsts == sorted(firsts), (cell.key, text)


def _stands(text, label, at):
    """Whether a label stands at a place as a word, and is no count of draws or chance."""
    end = at + len(label)
    sides = text[at - 1 : at] + text[end : end + 1]
    return text.startswith(label, at) and not any(
        c.isalnum() or c == "." for c in sides.strip(".,")
    )


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_outcome_reads_back_from_its_spelling_in_every_cell(name):
    question = QUESTIONS[name]
    for cell in question.cells:
        if cell.draws > 1:
            continue
        for index in {0, len(cell.labels) // 2, len(cell.labels) - 1}:
            outcome = cell.task.law.pmf().support[index]
            for said in cell.task.format.accepted(outcome, cell.task.law)[:2]:
                answer = cell.answer(said)
                assert cell.outcome_of(answer) == index
                assert cell.shown[cell.position_of(answer)] == cell.labels[index]


def test_twelve_counts_outcome_0_and_looks_where_the_first_stands():
    twelve = QUESTIONS["twelve"]
    cell = twelve.by_key["p1.own.o1"]
    read = cell.answer(
        "tails, heads, heads, tails, tails, tails, tails, tails, tails, tails, tails, heads"
    )
    assert cell.outcome_of(read) == 3 and cell.position_of(read) == 0
    assert cell.outcome_of(cell.answer("heads, tails")) is None
    enumerated = Counter(sum(flips) for flips in product((0, 1), repeat=12))
    assert dict(twelve.law.items()) == dict(enumerated)


def test_the_law_of_every_cell_is_that_of_its_question():
    for name in QUESTIONS:
        question = QUESTIONS[name]
        for cell in question.cells if question.cells[0].draws == 1 else ():
            chances = list(cell.task.law.pmf().probs().values())
            assert chances == pytest.approx(list(question.law.probs().values()))


def test_cells_are_drawn_evenly_and_independently():
    """Three chi-square tests; false alarms at most 1e-9 each."""
    coin, n = QUESTIONS["coin"], 32_000
    drawn = [coin.index[coin.cell("a/b", i, seed=3).key] for i in range(n)]
    counts = [drawn.count(at) for at in range(len(coin.cells))]
    assert stats.chisquare(counts).pvalue > 1e-9
    orders = [coin.cells[at].order for at in drawn]
    pairs = Counter(pairwise(orders))
    assert stats.chisquare(list(pairs.values())).pvalue > 1e-9
    other = [coin.cell("a/c", i, seed=3).order for i in range(n)]
    assert stats.chisquare(list(Counter(zip(orders, other, strict=True)).values())).pvalue > 1e-9


def test_the_cell_is_a_function_of_seed_model_question_and_number_alone():
    coin = QUESTIONS["coin"]
    keys = [coin.cell("a/b", i, 7).key for i in range(40)]
    rebuilt = replace(coin, max_tokens=99)
    assert keys == [rebuilt.cell("a/b", i, 7).key for i in range(40)]
    assert keys[:3] == ["p1.word1.o1", "p8.letter.o1", "p4.word2.o1"]
    assert len({tuple(coin.cell("a/b", i, s).key for i in range(40)) for s in range(5)}) == 5


def test_a_structured_cell_sends_its_labels_in_the_order_shown():
    cell = QUESTIONS["die_structured"].by_key["p2.own.o2.json"]
    sent = cell.response_format["json_schema"]
    assert sent["strict"] and sent["schema"]["properties"]["answer"]["enum"] == list("345612")
    assert cell.outcome_of(cell.answer('{"answer": "3"}')) == 2
    assert cell.position_of(cell.answer('{"answer": "3"}')) == 0
    assert QUESTIONS["die"].cells[0].response_format is None
    hundred = QUESTIONS["hundred_structured"].cells[0].response_format
    answer = hundred["json_schema"]["schema"]["properties"]["answer"]
    assert answer == {"type": "integer", "minimum": 1, "maximum": 100}


def test_structured_answers_are_a_question_of_their_own():
    free, forced = QUESTIONS["coin"], QUESTIONS["coin_structured"]
    assert not any(cell.structured for cell in free.cells)
    assert all(cell.structured for cell in forced.cells)
    assert free.asks(frozenset()) and not forced.asks(frozenset({"seed"}))
    assert forced.asks(frozenset({"structured_outputs"}))
    with pytest.raises(RunError, match="takes no schema"):
        forced.cell("a/b", 0, 1, structured=False)
    mixed = replace(free, cells=free.cells + structured_arm(free).cells)
    assert not any(mixed.cell("a/b", i, 1).structured for i in range(50))
    assert any(mixed.cell("a/b", i, 1, structured=True).structured for i in range(50))


def test_a_liking_for_a_label_is_none_for_the_likelier_outcome():
    sets = {(cell.label_set, cell.labels) for cell in QUESTIONS["weighted"].cells}
    labels = {labels for _, labels in sets}
    assert {each[::-1] for each in labels} == labels


def test_a_question_of_ones_own(tmp_path):
    path = tmp_path / "suits.yaml"
    record = {
        "target": 'uniform("hearts", "spades", "clubs")',
        "labels": ["own", "word"],
        "phrasings": {"bare": ["Pick {options}."]},
        "temperature": 0.7,
        "system": "Be brief.",
    }
    path.write_text(yaml.safe_dump(record))
    suits = load_question(path)
    assert (suits.name, len(suits.cells), suits.positions) == ("suits", 6, True)
    assert suits.decoding_of(suits.cells[0]).system == "Be brief."
    assert suits.decoding.temperature == 0.7 and suits.decoding.max_new_tokens == 256
    assert suits.hash != load_question(_with(path, {**record, "seed": 1})).hash


def _with(path, record):
    path.write_text(yaml.safe_dump(record))
    return path


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ([], "no mapping"),
        ({"target": "coin(0.5)"}, "no 'phrasings'"),
        ({"target": "coin(0.5)", "phrasings": ["Flip."]}, "answer format -> prompts"),
        ({"target": "coin(0.5)", "phrasings": {"bare": ["Flip."]}, "draw": 2}, "'draw'"),
        ({"target": "uniform(1, 6)", "phrasings": {"bare": ["Roll."]}, "draws": 3}, "take a coin"),
        ({"target": "coin(0.5)", "phrasings": {"bare": []}}, "no cells"),
        ({"target": "coin(0.5)", "labels": ["own"], "phrasings": {"bare": ["Flip."]}}, "name the"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(tmp_path, record, says):
    with pytest.raises(EvenoddsError, match=says):
        load_question(_with(tmp_path / "q.yaml", record))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RunError, match="give a YAML file"):
        load_question(tmp_path / "none.yaml")


def test_any_task_is_a_question():
    task = Task("Roll two dice and add them.", parse("dice('2d6')"), name="sum")
    asked = question_of(task)
    (cell,) = asked.cells
    assert asked.name == "sum" and not asked.positions
    assert cell.outcome_of(cell.answer("7")) == list(asked.law.support).index(7)
    assert math.isclose(sum(asked.law.probs().values()), 1)
