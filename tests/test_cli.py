"""The command line's promises: one message, the right exit code, nothing slow to start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import evenodds
from evenodds.cli import guarded
from evenodds.errors import EvenoddsError, RunError

ENVIRONMENT = {**os.environ, "PYTHONIOENCODING": "utf-8"}


def evenodds_command(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "evenodds", *arguments]
    settings = {"capture_output": True, "text": True, "timeout": 60, "env": ENVIRONMENT} | options
    return subprocess.run(command, check=False, **settings)  # type: ignore[call-overload, no-any-return]


def python(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_version() -> None:
    ended = evenodds_command("--version")
    assert (ended.returncode, ended.stdout) == (0, f"evenodds {evenodds.__version__}\n")


def test_help_names_the_commands() -> None:
    ended = evenodds_command("--help")
    assert ended.returncode == 0
    assert {"demo", "odds"} <= set(ended.stdout.split())


@pytest.mark.parametrize("arguments", [(), ("nope",), ("demo", "--seconds", "soon"), ("odds",)])
def test_misuse_exits_2_without_a_traceback(arguments: tuple[str, ...]) -> None:
    ended = evenodds_command(*arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "Usage" in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("check", "-", "--against", "coin()"),
        ("odds", "coin()"),
        ("measure", "tiny", "--out", "nowhere"),
        ("train", "tiny", "--out", "nowhere"),
        ("demo", "--out", "nowhere"),
    ],
)
@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_a_seed_that_no_generator_takes_is_misuse(command: tuple[str, ...], seed: str) -> None:
    ended = evenodds_command(*command, "--seed", seed)
    assert ended.returncode == 2
    assert "Invalid value for '--seed'" in ended.stderr


def test_a_demo_of_endless_seconds_is_refused_at_once(tmp_path: Path) -> None:
    ended = evenodds_command("demo", "--out", str(tmp_path / "d"), "--seconds", "inf")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "evenodds: seconds=inf cannot be: it must be above 0, or left out\n"
    assert not (tmp_path / "d").exists()


def test_a_full_disk_is_one_message() -> None:
    with Path("/dev/full").open("w") as full:
        ended = evenodds_command(
            "--help", capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert ended.returncode == 2
    assert ended.stderr == "evenodds: No space left on device\n"


def test_both_outputs_full_still_exits_2() -> None:
    with Path("/dev/full").open("w") as full:
        ended = evenodds_command("--help", capture_output=False, stdout=full, stderr=full)
    assert ended.returncode == 2


def test_a_reader_that_leaves_is_no_error() -> None:
    lines = "[print('x' * 1000) for _ in range(1000)]"
    child = python(
        f"import sys; from evenodds.cli import guarded; sys.exit(guarded(lambda: {lines} and 0))"
    )
    assert child.stdout and child.stderr
    child.stdout.read(10)
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    assert (child.wait(60), said) == (0, "")


def test_ctrl_c_exits_130_with_a_message() -> None:
    wait = "print('ready', flush=True) or time.sleep(60) or 0"
    child = python(  # a shell's background job ignores the signal, and its children would too
        "import signal, sys, time; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from evenodds.cli import guarded; sys.exit(guarded(lambda: {wait}))"
    )
    assert child.stdout and child.stderr
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    said = child.communicate(timeout=60)[1]
    assert child.returncode == 130
    assert said == "evenodds: interrupted; what was finished is kept\n"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (RunError("out is a file: name a folder"), "out is a file: name a folder"),
        (EvenoddsError("no"), "no"),
        (PermissionError(13, "Permission denied", "/a/b"), "Permission denied: /a/b"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    error: Exception,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("evenodds.cli._drop_output", lambda: None)

    def fail() -> int:
        raise error

    assert guarded(fail) == 2
    assert capsys.readouterr().err == f"evenodds: {message}\n"


@pytest.mark.parametrize(
    "words", ["[enforce fail at inline_container.cc:672] . unexpected pos", "x"]
)
def test_a_full_disk_behind_another_error_is_seen(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        try:
            raise OSError(28 if words == "x" else 5, "")
        except OSError as error:
            raise RuntimeError(words) from error

    assert guarded(fail) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_bug_is_not_hidden() -> None:
    def fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(fail)


@pytest.mark.parametrize("heavy", ["torch", "transformers", "scipy", "matplotlib", "numpy", "rich"])
def test_help_imports_nothing_heavy(heavy: str) -> None:
    code = f"import sys, evenodds.cli; sys.exit({heavy!r} in sys.modules)"
    child = python(code)
    child.communicate(timeout=60)
    assert child.returncode == 0


def test_demo_leaves_a_strange_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("all my work")
    ended = evenodds_command("demo", "--out", str(tmp_path))
    assert ended.returncode == 2
    assert "holds no demo" in ended.stderr and "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_demo_refuses_a_file_and_a_missing_model(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert evenodds_command("demo", "--out", str(file)).returncode == 2
    ended = evenodds_command(
        "demo", "--out", str(tmp_path / "new"), "--model", str(tmp_path / "no")
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
