"""`rejection`: the outcomes become fair, and the model's way of saying them stays its own."""

import copy
import random
from collections import Counter
from itertools import product

import numpy as np
import pytest
import torch
from train_local import die_tasks, small_local

from evenodds.distributions import parse
from evenodds.errors import RunError
from evenodds.models.base import Decoding
from evenodds.train.collate import collate
from evenodds.train.forward import Forward, edge_loss
from evenodds.train.heard import heard
from evenodds.train.match import MatchConfig
from evenodds.train.rejection import RejectionConfig, kept
from evenodds.train.rows import one_hot, path_row
from evenodds.train.run import train

LAW = {1: 0.1, 2: 0.1, 3: 0.1, 4: 0.5, 5: 0.1, 6: 0.1}
WORDINGS = {"{}": 0.6, "It is {}.": 0.4}
TASK = die_tasks()[0]
QUICK = {"steps": 60, "batch": 1, "lr": 1e-2, "warmup": 2, "noise": 0.0, "replay": 0.0,
         "probe_every": 0, "average": 0.8}  # fmt: skip


@pytest.fixture(scope="module")
def wordy():
    """A small model that answers by LAW, in either of two wordings."""
    local = small_local()
    context = local.context(TASK.prompt, Decoding())
    both = list(product(LAW, WORDINGS))
    paths = [local.spell(TASK.prompt, wording.format(x), Decoding()) for x, wording in both]
    rows = [path_row(context, path, one_hot(path)) for path in paths]
    batch = collate(rows, "tree", [LAW[x] * WORDINGS[wording] for x, wording in both])
    optimizer = torch.optim.Adam(local.model.parameters(), lr=1e-2)
    forward = Forward(local.model)
    for _ in range(150):
        optimizer.zero_grad()
        edge_loss(forward.logprobs(local.model, batch), batch).backward()
        optimizer.step()
    return local


def answers(local, draws=3000):
    """Shares of the outcomes, and of the bare wording among valid replies."""
    replies = [reply.text for reply in local.draw(TASK.prompt, draws, Decoding(), 1)]
    outcomes = heard([(text, False) for text in replies], TASK, Decoding())
    counts = Counter(x for x in outcomes if x is not None)
    bare = sum(t.strip().isdigit() for t in replies) / draws
    return {x: counts[x] / draws for x in LAW}, bare


def tv(shares):
    return (sum(abs(share - 1 / 6) for share in shares.values()) + 1 - sum(shares.values())) / 2


def test_outcomes_become_fair_and_wording_stays(tmp_path, wordy):
    before, bare = answers(wordy)
    assert tv(before) > 0.3
    assert bare == pytest.approx(0.6, abs=0.06)
    local = copy.deepcopy(wordy)
    slowly = RejectionConfig(**{**QUICK, "lr": 2e-3}, draws=256)
    train(local, [TASK], slowly, tmp_path / "rejection")
    after, still = answers(local)
    assert tv(after) < 0.06
    assert still == pytest.approx(bare, abs=0.15)  # measured: .61 -> .73
    local = copy.deepcopy(wordy)
    train(local, [TASK], MatchConfig(**QUICK), tmp_path / "match")
    after, canonical = answers(local)
    assert tv(after) < 0.06
    assert canonical > 0.97


def test_weights_of_replies():
    law = parse("weighted({1: 1, 2: 3})").law
    assert kept([1, 1, 2, None], law) == pytest.approx([0.125, 0.125, 0.75, 0])
    assert kept([1, None], law) == [1, 0]
    assert kept([None, None], law) == [0, 0]


@pytest.mark.parametrize(("draws", "bias"), [(4, 0.08), (64, 0.002)])
def test_the_mean_weight_of_an_outcome_at_the_fair_law(draws, bias):
    """What a fair policy would be told: its own law, but for shares of few draws."""
    law = parse("weighted({1: 1, 2: 2, 3: 3, 4: 4})").law
    rng, total = random.Random(0), np.zeros(4)
    for _ in range(3000):
        outcomes = rng.choices([1, 2, 3, 4], [1, 2, 3, 4], k=draws)
        for outcome, weight in zip(outcomes, kept(outcomes, law), strict=True):
            total[outcome - 1] += weight / 3000
    assert total == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=bias + 0.01)
    assert (total[0] < 0.07) == (draws == 4)


def test_what_is_never_said_is_never_taught(tmp_path):
    """The untrained model says no face at all: nothing is kept, and nothing changes."""
    local = small_local()
    before = local.model.get_input_embeddings().weight.clone()
    config = RejectionConfig(**QUICK | {"steps": 3}, draws=4, tokens=4)
    events = []
    train(local, [TASK], config, tmp_path, on_event=events.append)
    assert torch.equal(before, local.model.get_input_embeddings().weight)
    assert [event.values["valid"] for event in events if event.kind == "step"] == [0]


@pytest.mark.parametrize("options", [{"draws": 1}, {"tokens": 0}, {"margin": 0.1}])
def test_options_of_rejection_that_cannot_be(options):
    with pytest.raises(RunError, match=next(iter(options))):
        RejectionConfig(**options)
