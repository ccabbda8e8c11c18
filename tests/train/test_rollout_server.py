"""The address of a vLLM server reaches TRL, and what is missing is said in one message."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from train_local import die_tasks, small_local

from evenodds.errors import RunError
from evenodds.train import rollout_server
from evenodds.train.grpo import GrpoConfig
from evenodds.train.job import Job
from evenodds.train.rollout_server import check_server
from evenodds.train.run import train

URL = "http://127.0.0.1:8000"


class Healthy(BaseHTTPRequestHandler):
    """A server that says it is well."""

    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Healthy) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(rollout_server, "find_spec", lambda name: object())


def test_without_vllm_the_run_says_what_to_install_and_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(rollout_server, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"pip install 'trl\[vllm\]'.*vllm serve MODEL"):
        train(small_local(), die_tasks(), GrpoConfig(vllm=URL), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_model_on_the_cpu_cannot_send_its_weights(installed):
    with pytest.raises(RunError, match="over NCCL"):
        check_server(URL, on_cpu=True)


def test_a_server_must_answer(installed, server):
    check_server(server, on_cpu=False)
    check_server(server + "/", on_cpu=False)
    for silent in ("http://127.0.0.1:9", "no address", server + "/elsewhere"):
        with pytest.raises(RunError, match="no vLLM server answers at"):
            check_server(silent, on_cpu=False)


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing. is deprecated:FutureWarning")
@pytest.mark.parametrize("url", [None, URL])
def test_the_address_reaches_trl(url):
    from evenodds.train.grpo_arguments import arguments

    local, tasks = small_local(), die_tasks()
    prepared = SimpleNamespace(entropy_target=1.0)
    job = Job(local, local.model, tasks, prepared, GrpoConfig(vllm=url), Path("none"))
    found = arguments(job)
    assert found.use_vllm == (url is not None)
    if url:
        assert (found.vllm_mode, found.vllm_server_base_url) == ("server", url)
