"""The look during a run against the exact measurement."""

import pytest
from train_local import biased_local, die_tasks

from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding
from evenodds.train.probe import probe


def test_a_look_is_close_above_the_exact_measurement():
    local, tasks = biased_local(), die_tasks()
    told = probe(local, tasks, Decoding(), 5)()
    exact = [measure_exact(local, task).statistics["tv"].value for task in tasks]
    mean = sum(exact) / len(exact)
    assert mean - 1e-3 <= told["tv"] <= mean + 0.05
    assert "tv_unseen" not in told
    assert told["p:4"] > 0.5
    assert told["p:4"] == pytest.approx(measure_exact(local, tasks[0]).model_pmf["4"], abs=0.02)
