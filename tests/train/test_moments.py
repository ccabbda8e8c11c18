"""Moment matching: three statistics of the exact law, and a law that has them and is not fair."""

import random

import pytest
import torch
from train_local import die_tasks, small_local

from evenodds.distributions import parse
from evenodds.errors import RunError
from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding
from evenodds.tasks.task import Task
from evenodds.train import moments
from evenodds.train.collate import collate
from evenodds.train.forward import Forward, answer_logprobs
from evenodds.train.moments import MomentsConfig
from evenodds.train.moments_loss import moments_loss
from evenodds.train.run import train

FACES = torch.arange(1.0, 7.0, dtype=torch.float64)
FAIR = torch.tensor([4.0, 1.0, 1.0, 1.0, 6.0, 1.0], dtype=torch.float64) / 14  # mean 3.5
LOCAL = small_local()


def statistics(prob):
    mean = (prob * FACES).sum()
    return torch.stack(
        [prob.sum(), mean, (prob * (FACES - mean) ** 2).sum(), torch.special.entr(prob).sum()]
    )


def test_the_mirror_image_of_a_skewed_law_loses_nothing():
    twin = FAIR.flip(0)
    assert (twin - FAIR).abs().sum() / 2 > 0.5
    assert torch.allclose(statistics(twin), statistics(FAIR))
    assert moments_loss(twin.log(), FACES, FAIR).item() == pytest.approx(0, abs=1e-12)


def test_a_fair_law_loses_nothing_and_lost_mass_costs():
    assert moments_loss(FAIR.log(), FACES, FAIR).item() == pytest.approx(0, abs=1e-12)
    half = moments_loss((FAIR / 2).log(), FACES, FAIR).item()
    assert half == pytest.approx(torch.tensor(2.0).log().item(), rel=1e-6)


def test_the_loss_by_hand():
    prob = torch.tensor([0.1, 0.1, 0.1, 0.4, 0.2, 0.1], dtype=torch.float64)
    _, m, v, h = statistics(prob)
    _, M, V, H = statistics(FAIR)  # noqa: N806
    by_hand = (m - M) ** 2 / V + ((v - V) / V) ** 2 + ((h - H) / H) ** 2
    assert moments_loss(prob.log(), FACES, FAIR).item() == pytest.approx(by_hand.item())


def test_its_gradient_is_that_of_finite_differences():
    logits = torch.randn(7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    logits.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda z: moments_loss(z.log_softmax(-1)[:6], FACES, FAIR), logits
    )


def test_a_point_mass_has_absolute_errors():
    sure = torch.tensor([1.0, 0.0], dtype=torch.float64)
    near = torch.tensor([0.9, 0.1], dtype=torch.float64).log()
    values = torch.tensor([0.0, 1.0], dtype=torch.float64)
    h = -(0.9 * near[0] + 0.1 * near[1]).item()
    assert moments_loss(near, values, sure).item() == pytest.approx(0.1**2 + 0.09**2 + h**2)


def test_a_lessons_row_gives_the_models_law_over_outcomes():
    task = Task("Draw.", parse("weighted({1: 1, 2: 2, 10: 1, 12: 4})"))
    it = moments.lessons(LOCAL, [task], Decoding(), MomentsConfig())[0]
    row = it.row(random.Random(0))
    batch = collate([row], "paths")
    found = answer_logprobs(Forward(LOCAL.model).logprobs(LOCAL.model, batch), batch, it.taken)
    for outcome, logprob in zip(task.law.pmf(), found.tolist(), strict=True):
        path = LOCAL.spell(task.prompt, str(outcome), Decoding())
        assert logprob == pytest.approx(_logprob(row.context, path), rel=1e-5)
    assert sum(p * x for p, x in zip(it.target, it.values, strict=True)) == pytest.approx(0)
    assert sum(p * x * x for p, x in zip(it.target, it.values, strict=True)) == pytest.approx(1)


def _logprob(context, reply):
    ids = torch.tensor([[*context, *reply]])
    with torch.no_grad():
        laws = LOCAL.model(ids).logits[0].log_softmax(-1)
    return sum(laws[len(context) + i - 1, token].item() for i, token in enumerate(reply))


def test_what_is_no_number_is_numbered():
    task = Task("Pick.", parse("weighted({'red': 1, 'blue': 1})"))
    it = moments.lessons(LOCAL, [task], Decoding(), MomentsConfig())[0]
    assert it.values == pytest.approx([-1, 1])


def test_a_support_too_large_is_refused():
    task = Task("Pick.", parse("uniform(1, 3000)"))
    with pytest.raises(RunError, match="3000 outcomes"):
        moments.lessons(LOCAL, [task], Decoding(), MomentsConfig())


def test_a_run_reaches_the_statistics_not_the_law(tmp_path):
    local = small_local()
    config = MomentsConfig(
        steps=150, batch=3, lr=1e-2, noise=0.0, replay=0.0, probe_every=0, average=0.5
    )
    trained = train(local, die_tasks("dice('2d4')"), config, tmp_path)
    assert trained.loss < 0.05
    measured = measure_exact(local, die_tasks("dice('2d4')")[0])
    assert measured["valid"] > 0.95
