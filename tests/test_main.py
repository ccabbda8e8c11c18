"""The door of the command: Ctrl-C while it loads, and after."""

import signal
import subprocess
import sys

import pytest

LOADING = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "evenodds.cli.train":
            os.kill(os.getpid(), signal.SIGINT)

{first}
sys.meta_path.insert(0, Interrupt())
sys.argv = ["evenodds", "--version"]
from evenodds.__main__ import main
main()
"""


def door(first=""):
    return subprocess.run(
        [sys.executable, "-c", LOADING.format(first=first)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_ctrl_c_while_the_command_loads_is_quiet():
    ended = door()
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("handler", ["signal.SIG_IGN", "lambda *_: None"])
def test_a_handler_that_somebody_set_stays(handler):
    ended = door(f"signal.signal(signal.SIGINT, {handler})")
    assert ended.returncode == 0
    assert ended.stdout.startswith("evenodds ")


def test_the_command_runs_under_the_usual_handler(monkeypatch):
    import evenodds.cli
    from evenodds.__main__ import main

    seen = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        monkeypatch.setattr(
            evenodds.cli, "main", lambda: seen.append(signal.getsignal(signal.SIGINT))
        )
        main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.default_int_handler]
