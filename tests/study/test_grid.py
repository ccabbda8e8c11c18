"""A grid runs each cell once, whatever happens to the process that runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evenodds.errors import RunError
from evenodds.study.grid import grid, run_grid

SEVEN = grid(x=range(7))


def square(cell):
    return {"square": cell["x"] ** 2 + cell.get("plus", 0)}


def noted(cell):
    """Leaves a line where it ran, so that a test can count the runs."""
    with Path(cell["notes"]).open("a") as notes:
        notes.write(f"{cell['x']}\n")
    return {"square": cell["x"] ** 2}


def odd_ones(cell):
    if cell["x"] % 2 == 0 and not Path(cell["repaired"]).exists():
        raise ValueError(f"{cell['x']} is even")
    return {"half": cell["x"] / 2}


def where(cell):
    time.sleep(0.3)
    return {"pid": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"]}


def dies(cell):
    os._exit(3)


def clashing(cell):
    return {"x": 1}


@pytest.fixture
def threads():
    """An executor in this process, to be fast where processes are not the point."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def quiet(line):
    pass


def test_a_grid_is_every_combination_once():
    cells = grid(a=[1, 2], b="xyz", seed=range(5))
    assert len(cells) == 30 == len({json.dumps(cell) for cell in cells})
    assert cells[0] == {"a": 1, "b": "x", "seed": 0}


def test_rows_come_in_the_order_of_the_cells_and_are_on_disk(tmp_path, threads):
    rows = run_grid(square, SEVEN, tmp_path, common={"plus": 1}, executor=threads, tell=quiet)
    assert [row["square"] for row in rows] == [x * x + 1 for x in range(7)]
    lines = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["row"]["x"] for line in lines) == list(range(7))


def test_done_cells_are_not_run_again_and_new_ones_are(tmp_path, threads):
    notes = tmp_path / "notes"
    options = {"common": {"notes": str(notes)}, "executor": threads, "tell": quiet}
    run_grid(noted, SEVEN[:3], tmp_path / "study", **options)
    rows = run_grid(noted, SEVEN, tmp_path / "study", **options)
    assert sorted(map(int, notes.read_text().split())) == list(range(7))
    assert [row["square"] for row in rows] == [x * x for x in range(7)]


def test_a_torn_last_line_costs_its_cell_alone(tmp_path, threads):
    run_grid(square, SEVEN, tmp_path, executor=threads, tell=quiet)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    told = []
    rows = run_grid(square, SEVEN, tmp_path, executor=threads, tell=told.append)
    assert [row["square"] for row in rows] == [x * x for x in range(7)]
    assert told[0].strip() == "6 of 7 cells were done before" and len(told) == 2


@pytest.mark.parametrize("run, common", [(square, {"plus": 2}), (noted, {"plus": 1}), (square, {})])
def test_another_configuration_is_refused(tmp_path, threads, run, common):
    run_grid(square, SEVEN, tmp_path, common={"plus": 1}, executor=threads, tell=quiet)
    with pytest.raises(RunError, match="another configuration"):
        run_grid(run, SEVEN, tmp_path, common=common, executor=threads, tell=quiet)


def test_a_failed_cell_stops_no_other_and_is_tried_again(tmp_path, threads):
    repaired = tmp_path / "repaired"
    options = {"common": {"repaired": str(repaired)}, "executor": threads, "tell": quiet}
    with pytest.raises(RunError, match=r"4 of 7 cells failed.*is even"):
        run_grid(odd_ones, SEVEN, tmp_path / "study", **options)
    assert len((tmp_path / "study" / "rows.jsonl").read_text().splitlines()) == 3
    repaired.touch()
    rows = run_grid(odd_ones, SEVEN, tmp_path / "study", **options)
    assert [row["half"] for row in rows] == [x / 2 for x in range(7)]


def test_a_number_named_like_an_option_is_refused(tmp_path, threads):
    with pytest.raises(RunError, match="share the name 'x'"):
        run_grid(clashing, SEVEN, tmp_path, executor=threads, tell=quiet)


def test_processes_work_side_by_side_in_one_thread_each(tmp_path):
    before = dict(os.environ)
    rows = run_grid(where, SEVEN[:4], tmp_path, workers=2, tell=quiet)
    assert len({row["pid"] for row in rows} - {os.getpid()}) == 2
    assert {row["threads"] for row in rows} == {"1"} and dict(os.environ) == before


def test_a_process_that_dies_is_told(tmp_path):
    with pytest.raises(RunError, match="died without a word"):
        run_grid(dies, SEVEN[:2], tmp_path, tell=quiet)


SCRIPT = """
import os, sys, time
from evenodds.study.grid import grid, run_grid

def slow(cell):
    time.sleep(0.05 if cell["x"] == 0 else 60)
    return {"pid": os.getpid()}

if __name__ == "__main__":
    print(run_grid(slow, grid(x=range(4)), sys.argv[1], workers=1))
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_what_ends_the_study_keeps_rows_and_leaves_no_process(tmp_path, ending):
    script, rows = tmp_path / "slow.py", tmp_path / "study" / "rows.jsonl"
    script.write_text(SCRIPT)
    study = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "study")], stderr=subprocess.DEVNULL
    )
    until(lambda: rows.exists() and rows.read_text().endswith("\n"))
    time.sleep(1)  # a row is kept once it is synced
    worker = json.loads(rows.read_text().splitlines()[0])["row"]["pid"]
    study.send_signal(ending)
    assert study.wait(20) != 0
    until(lambda: not alive(worker))
    assert len(rows.read_text().splitlines()) == 1


def test_ctrl_c_between_two_cells_ends_the_processes_too(tmp_path):
    script = tmp_path / "slow.py"
    told = "tell=lambda line: (_ for _ in ()).throw(KeyboardInterrupt)"
    script.write_text(SCRIPT.replace("workers=1", f"workers=2, {told}"))
    study = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "study")], stderr=subprocess.DEVNULL
    )
    assert study.wait(20) != 0
    rows = (tmp_path / "study" / "rows.jsonl").read_text().splitlines()
    assert len(rows) == 1 and not alive(json.loads(rows[0])["row"]["pid"])


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
