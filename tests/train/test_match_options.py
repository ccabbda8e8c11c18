"""The options of `match`: each trains to the target; what cannot go together is refused."""

import pytest
from train_local import die_tasks, small_local

from evenodds.errors import RunError
from evenodds.measure.exact import measure_exact
from evenodds.train.match import MatchConfig
from evenodds.train.run import train

QUICK = {"steps": 120, "batch": 3, "lr": 1e-2, "noise": 0.0, "replay": 0.0, "probe_every": 0}


@pytest.mark.parametrize(
    ("options", "near"),
    [
        ({"divergence": "reverse"}, 0.03),
        ({"divergence": "js"}, 0.03),
        ({"sampled": 0.5}, 0.12),
        ({"paths": 2, "nodes": 1}, 0.05),
    ],
)
def test_each_option_reaches_the_target(options, near, tmp_path):
    local, tasks = small_local(), die_tasks()[:2]
    train(local, tasks, MatchConfig(**QUICK, average=0.8, **options), tmp_path)
    assert all(measure_exact(local, task)["tv"] < near for task in tasks)


def test_a_sampled_share_belongs_to_the_cross_entropy():
    with pytest.raises(RunError, match="sampled"):
        MatchConfig(sampled=0.5, divergence="js")
    with pytest.raises(RunError, match="sampled"):
        MatchConfig(sampled=1.5)
