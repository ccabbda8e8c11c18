"""Options of `evenodds train`: read by type, refused by name."""

import re

import pytest

from evenodds.cli.train_options import configured, options_of
from evenodds.errors import RunError
from evenodds.train.match import MatchConfig
from evenodds.train.methods import METHODS, method


def test_texts_become_values_of_the_options_type():
    texts = ["lr=1e-4", "divergence=js", "seconds=3", "lora=none", "checkpoint-every=7"]
    config = configured("match", {"batch": 2, "steps": None}, texts[:3] + texts[4:], seed=5)
    assert config == MatchConfig(
        lr=1e-4, divergence="js", seconds=3.0, checkpoint_every=7, batch=2, seed=5
    )
    assert isinstance(config.seconds, float)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["lr=x"], "lr=x cannot be: it must be float"),
        (["batch=1.5"], "batch=1.5 cannot be: it must be int"),
        (["batch=true"], "batch=true cannot be"),
        (["divergence=cubic"], "must be forward or reverse or js"),
        (["steps"], "says no value"),
        (["seed=3"], "--seed"),
        (["colour=red"], "no method has it"),
        (["steps=3", "steps=4"], "steps is given twice"),
    ],
)
def test_what_cannot_be_is_refused_by_name(texts, says):
    with pytest.raises(RunError, match=re.escape(says)):
        configured("match", {}, texts, seed=0)


def test_an_option_of_another_method_says_whose_it_is():
    own = {name: {o[0] for o in options_of(name)} for name in METHODS}
    for name in METHODS:
        foreign = set().union(*own.values()) - own[name]
        for key in foreign:
            homes = [other for other in METHODS if key in own[other]]
            with pytest.raises(RunError, match=re.escape(", ".join(homes))):
                configured(name, {}, [f"{key}=1"], seed=0)


def test_every_method_is_named_by_its_file_and_says_what_it_does():
    for name in METHODS:
        found = method(name)
        assert (found.name, found.config.method) == (name, name)
        assert found.says
        assert found.config().to_json()
    with pytest.raises(RunError, match="match"):
        method("prayer")
