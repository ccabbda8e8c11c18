"""The ledger of a survey: money that adds up, rows that stay, a past that is found again."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenodds.errors import BudgetError, RunError
from evenodds.models.endpoint_shared import Answered
from evenodds.survey.journal import Journal
from evenodds.survey.purse import Fits, Purse
from evenodds.survey.replay import past, read_anew, settle_arrived
from evenodds.survey.store import Store
from evenodds.survey.store_rows import Ended, Note, Op, Raw, Read, Reserved, packed, parts, unpacked

OK = Answered(200, '{"choices": []}')


def test_open_reservations_count_at_their_worst_after_any_end(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    paid = store.reserve("a/b", "coin", 0, "x", worst=0.5)
    store.reserve("a/b", "coin", 1, "x", worst=0.25)
    failed = store.reserve("c/d", "coin", 0, "x", worst=0.5)
    store.settle(paid, 0.1, OK, 0.2)
    store.fail(failed, 0.0, "answered 500")
    store.close()
    again = Store(tmp_path / "s.sqlite")
    assert (again.spent(), again.spent("a/b"), again.spent("c/d")) == (0.35, 0.35, 0.0)
    assert again.costs() == {("a/b", "coin"): (0.35, 1), ("c/d", "coin"): (0.0, 0)}
    states = again.rows("SELECT state, model, i, worst, cost FROM calls")
    assert states == [
        ("paid", "a/b", 0, 0.5, 0.1),
        ("reserved", "a/b", 1, 0.25, None),
        ("failed", "c/d", 0, 0.5, 0.0),
    ]
    assert again.faults() == {"answered 500": 1}


def test_a_draw_is_paid_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    calls = [store.reserve("a/b", "coin", 0, "x", worst=0.5) for _ in range(2)]
    store.settle(calls[0], 0.1, OK)
    with pytest.raises(RunError, match="UNIQUE"):
        store.settle(calls[1], 0.1, OK)
    with pytest.raises(RunError, match="UNIQUE"):
        store.settle(calls[0], 0.1, OK)
    assert len(list(store.draws("coin"))) == 1 and store.spent() == 0.6


def test_nothing_is_ever_changed_or_taken_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    store.agree({"seed": 1})
    store.keep_models({"a/b": {"id": "a/b"}})
    store.settle(store.reserve("a/b", "coin", 0, "x", worst=0.5), 0.1, OK)
    store.write([Read(1, 1, 0, 0, 0, (0.25, 0.75)), Note("lost", 1, 2, 3, "500")])
    store.close()
    db = sqlite3.connect(tmp_path / "s.sqlite")
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert len(tables) == 10
    for table in tables:
        column = db.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
            with pytest.raises(sqlite3.Error, match="what is written stays"):
                db.execute(change)
        assert db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] >= 1
    db.close()


def test_rows_of_a_failed_write_are_none_and_names_come_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    store.reserve("a/b", "coin", 0, "x", worst=0.5)
    row = Reserved(1, store.name("new/model"), store.name("coin"), 0, store.name("x"), 0, 1, 0.0)
    good = Note("lost", store.name("new/model"), store.name("coin"), 4, "500")
    with pytest.raises(RunError, match="cannot be written"):
        store.write([good, row])
    assert not store.rows("SELECT * FROM notes")
    store.write([good])
    assert past(store, 1).lost == {("new/model", "coin"): frozenset({4})}


def test_a_file_of_another_kind_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("not a database, but quite a long text" * 50)
    with pytest.raises(RunError, match="cannot be opened"):
        Store(tmp_path / "text.sqlite")
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE t(x)").connection.close()
    with pytest.raises(RunError, match="no survey of this version"):
        Store(tmp_path / "other.sqlite")
    with pytest.raises(RunError, match="not there"):
        Store(tmp_path / "none.sqlite", read_only=True)
    sqlite3.connect(tmp_path / "born.sqlite").execute("PRAGMA journal_mode = WAL").close()
    with pytest.raises(RunError, match="holds nothing yet"):  # killed before its tables were made
        Store(tmp_path / "born.sqlite", read_only=True)
    Store(tmp_path / "born.sqlite").close()
    assert Store(tmp_path / "born.sqlite", read_only=True).spent() == 0


def test_a_reader_does_not_write(tmp_path: Path) -> None:
    Store(tmp_path / "s.sqlite").close()
    store = Store(tmp_path / "s.sqlite", read_only=True)
    with pytest.raises(RunError):
        store.reserve("a/b", "coin", 0, "x", worst=0.5)


def test_a_configuration_that_changed_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    assert not store.agree({"seed": 1, "eps": 0.05})
    assert store.agree({"eps": 0.05, "seed": 1})
    with pytest.raises(RunError, match=r"eps: recorded 0\.05, now nothing; rule: .*now \"e_bh\""):
        store.agree({"seed": 1, "rule": "e_bh"})
    assert store.config() == {"seed": 1, "eps": 0.05}


@given(st.text())
def test_what_is_packed_comes_back(text: str) -> None:
    assert unpacked(packed(text)) == text


@given(st.floats(min_value=0, max_value=1e6))
def test_money_is_rounded_against_the_spender(dollars: float) -> None:
    from fractions import Fraction

    exact = Fraction(str(dollars)) * 10**9
    assert exact <= parts(dollars) < exact + 1


def test_no_cost_below_nothing() -> None:
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(BudgetError):
            parts(wrong)
        with pytest.raises(BudgetError, match="bounds nothing"):
            Purse(wrong, None)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(0, 9)), max_size=40),
    st.integers(0, 30),
    st.integers(0, 20),
)
def test_settled_and_reserved_never_exceed_a_cap(
    calls: list[tuple[str, int, int]], cap: int, each: int
) -> None:
    """Any order of calls, each settled some calls later, at its worst or less."""
    purse = Purse(cap / 1e9, each / 1e9)
    under_way: list[tuple[str, int, int]] = []
    spent = {"a": 0, "b": 0}
    for name, worst, less in calls:
        fits = purse.fits(name, worst)
        held = sum(w for n, w, _ in under_way)
        mine = sum(w for n, w, _ in under_way if n == name)
        total = sum(spent.values())
        room = total + held + worst <= cap and spent[name] + mine + worst <= each
        assert (fits is Fits.YES) == room
        assert (fits is Fits.NEVER) == (total + worst > cap or spent[name] + worst > each)
        if fits is Fits.YES:
            purse.reserve(name, worst)
            under_way.append((name, worst, max(0, worst - less)))
        if len(under_way) > 2:
            done, top, cost = under_way.pop(0)
            purse.settle(done, top, cost)
            spent[done] += cost
        assert total + held <= cap


def test_the_past_is_found_in_order_whatever_order_it_was_written_in(tmp_path: Path) -> None:
    store, rng = Store(tmp_path / "s.sqlite"), np.random.default_rng(0)
    drawn = [(m, q, i) for m in ("a", "b") for q in ("coin", "die") for i in range(30) if i != 7]
    rows: list[Op] = []
    for k in rng.permutation(len(drawn)).tolist():
        m, q, i = drawn[k]
        row = Reserved(store.next_id(), store.name(m), store.name(q), i, store.name("x"), 0, 5, 0.0)
        answer = Answered(200, f'"{m}{q}{i}"')
        rows += [row, Raw(row.id, answer), Ended(row.id, (row.question, row.model, i), 2)]
        rows += [Read(1, row.id, i % 7, i % 2, -1)] if i % 5 else []
    store.write(rows)
    found = past(store, 1)
    unread = [i for i in range(30) if i % 5 == 0]
    for key, one in found.draws.items():
        wanted = [i for i in range(30) if i not in (7, *unread)]
        assert one.i.tolist() == wanted, key
        assert one.kind.tolist() == [i % 7 for i in wanted]
        assert one.outcome.tolist() == [i % 2 for i in wanted] and set(one.position) == {-1}
    assert len(found.draws) == 4 and set(found.spent.values()) == {58}
    assert not past(store, 2).draws
    anew = read_anew(store, 1, lambda row: (0, int(row.i % 2), len(row.answered.text)))
    assert anew == 4 * len(unread) and read_anew(store, 1, lambda row: (0, 0, 0)) == 0
    whole = past(store, 1).draws["b", "die"]
    assert whole.i.tolist() == [i for i in range(30) if i != 7]
    assert whole.position[whole.i == 10].tolist() == [len('"bdie10"')]
    assert [row.i for row in store.draws("die") if row.model == "a"] == whole.i.tolist()


def test_an_answer_that_came_just_before_a_kill_is_settled_then(tmp_path: Path) -> None:
    """The raw answer is on the disk, and the process died before it was read or settled."""
    store = Store(tmp_path / "s.sqlite")
    good, bad, open_ = (store.reserve("a/b", "coin", i, "x", worst=1e-3) for i in range(3))
    store.write([Raw(good, OK), Raw(bad, Answered(200, "{"))])
    settled = settle_arrived(store, lambda row, worst: (worst // 2, row.answered == OK, None))
    assert settled == 2 and settle_arrived(store, lambda row, worst: (0, True, None)) == 0
    states = dict(store.rows("SELECT id, state FROM calls"))
    assert states == {good: "paid", bad: "failed", open_: "reserved"}
    assert store.spent() == pytest.approx(2e-3)


class Slow:
    """A writer that can be held up, and can fail."""

    def __init__(self) -> None:
        self.batches: list[list[Op]] = []
        self.go = threading.Event()
        self.error: BaseException | None = None

    def write(self, ops: Iterable[Op]) -> None:
        self.go.wait(5)
        if self.error:
            raise self.error
        self.batches.append(list(ops))


def note(i: int) -> Note:
    return Note("lost", 1, 1, i, "")


def test_rows_that_wait_go_to_disk_together_in_their_order() -> None:
    async def work(slow: Slow) -> Journal:
        journal = Journal(slow)
        waits = [asyncio.create_task(journal.put(note(i))) for i in range(50)]
        await asyncio.sleep(0.02)
        assert not any(wait.done() for wait in waits), "nothing is on the disk yet"
        slow.go.set()
        await asyncio.gather(*waits)
        journal.post(note(50))
        await journal.close()
        return journal

    slow = Slow()
    journal = asyncio.run(work(slow))
    assert [row for batch in slow.batches for row in batch] == [note(i) for i in range(51)]
    assert journal.commits <= 4


def test_after_a_failed_write_nothing_is_taken_for_written() -> None:
    async def work(slow: Slow) -> None:
        journal = Journal(slow)
        slow.go.set()
        await journal.put(note(0))
        slow.error = RunError("disk full")
        with pytest.raises(RunError, match="disk full"):
            await journal.put(note(1))
        slow.error = None
        with pytest.raises(RunError, match="disk full"):
            journal.post(note(2))
        with pytest.raises(RunError, match="disk full"):
            await journal.close()

    slow = Slow()
    asyncio.run(work(slow))
    assert slow.batches == [[note(0)]]


def test_a_damaged_ledger_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    store = Store(path)
    store.write([Note("run", 0, 0, i, json.dumps({"at": 0, "pad": "x" * 500})) for i in range(300)])
    store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    for read in (Store.runs, lambda s: s.columns("SELECT i FROM notes WHERE said >= ''")):
        with pytest.raises(RunError, match=r"s\.sqlite cannot be read .*malformed"):
            read(Store(path, read_only=True))
