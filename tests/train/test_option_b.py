"""Option B: the estimated KL has the KL's own mean and gradient; its target is a law."""

import itertools
import math
from types import SimpleNamespace

import pytest
import torch
from train_local import biased_local, die_tasks, small_local

from evenodds.distributions import parse
from evenodds.errors import RunError
from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding
from evenodds.tasks.task import Task
from evenodds.train import option_b
from evenodds.train.estimates import kl_estimate
from evenodds.train.option_b import OptionBConfig
from evenodds.train.run import train

LOCAL = small_local()
PLAIN = Decoding()
TARGET = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)


def lesson(task, **options):
    return option_b.lessons(LOCAL, [task], PLAIN, OptionBConfig(**options))[0]


@pytest.mark.parametrize("count", [2, 3])
def test_mean_and_gradient_over_all_draws_are_those_of_the_kl(count):
    logits = torch.tensor([0.5, -1.0, 0.3, 0.0], dtype=torch.float64, requires_grad=True)
    logprob = logits.log_softmax(-1)
    mean, gradient = 0.0, torch.zeros(4, dtype=torch.float64)
    for draws in itertools.product(range(4), repeat=count):
        drawn = torch.tensor(draws)
        chance = logprob.detach()[drawn].sum().exp()
        estimate = kl_estimate(logprob[drawn], TARGET.log()[drawn])
        mean += chance * estimate.item()
        gradient += chance * torch.autograd.grad(estimate, logits, retain_graph=True)[0]
    kl = (logprob.exp() * (logprob - TARGET.log())).sum()
    assert mean.item() == pytest.approx(kl.item(), rel=1e-12)
    assert torch.allclose(gradient, torch.autograd.grad(kl, logits)[0])


def test_a_limit_below_the_fair_answers_is_refused():
    for outcomes in (2000, 1):
        with pytest.raises(RunError, match="tokens=5 would cut off"):
            lesson(die_tasks()[2], tokens=5, outcomes=outcomes)


def test_one_answer_has_no_baseline():
    with pytest.raises(ValueError, match="baseline"):
        kl_estimate(torch.zeros(1), torch.zeros(1))
    with pytest.raises(RunError, match="answers=1"):
        OptionBConfig(answers=1)


def test_a_fair_model_is_not_moved_whatever_it_draws():
    logprob = TARGET.log().requires_grad_()
    estimate = kl_estimate(logprob[torch.tensor([3, 0, 3])], TARGET.log()[torch.tensor([3, 0, 3])])
    assert estimate.item() == 0
    assert not torch.autograd.grad(estimate, logprob)[0].any()


@pytest.mark.parametrize("outcomes", [2000, 1])  # listed, and read from the reply's text
def test_the_smoothed_target_is_a_law_over_replies(outcomes):
    task = Task("Draw.", parse("weighted({1: 1, 2: 3})"))
    it = lesson(task, floor=0.01, outcomes=outcomes)
    size = 300
    for outcome, prob in task.law.pmf().probs().items():
        path = it.answers.spelled(outcome)[0]
        wanted = 0.99 * prob + 0.01 * size ** -len(path)
        assert it.logprob(path, size) == pytest.approx(math.log(wanted))
    other = LOCAL.spell("Draw.", "7", PLAIN)
    assert it.logprob(other, size) == pytest.approx(math.log(0.01 * size ** -len(other)))
    assert it.logprob((5,) * 400, 150_000) == pytest.approx(math.log(0.01) - 400 * math.log(150e3))


def test_another_tokenisation_of_an_answer_is_no_answer():
    it = lesson(Task("Draw.", parse("uniform(1, 6)")), outcomes=1)
    path = it.answers.spelled(4)[0]
    apart = (*LOCAL.tokenizer.convert_tokens_to_ids(["Ġ", "4"]), path[-1])
    assert LOCAL.text(apart).strip() == "4"
    assert it.logprob(apart, 300) < it.logprob(path, 300) - 5


def test_the_trainers_estimate_is_the_exact_kl_in_the_mean():
    """All pairs of two listed replies, weighted by the model's own odds for them."""
    from evenodds.train.forward import Forward
    from evenodds.train.option_b_trainer import OptionBTrainer

    it = lesson(die_tasks()[0], answers=2)
    forward = Forward(LOCAL.model)
    trainer = SimpleNamespace(
        config=SimpleNamespace(answers=2, batch=1),
        job=SimpleNamespace(world=SimpleNamespace(size=1)),
        layout="tree",
        logprobs=forward.logprobs,
        _prepare_inputs_of_rows=lambda batch: batch,
    )
    context = LOCAL.context("Roll a die.", PLAIN)
    replies = [it.answers.spelled(face)[0] for face in range(1, 4)]
    for pair in itertools.product(replies, repeat=2):
        found = OptionBTrainer.apart(trainer, LOCAL.model, [context], [list(pair)], [it])
        by_hand = [_logprob(context, reply) - it.logprob(reply, _vocabulary()) for reply in pair]
        assert found.item() == pytest.approx(sum(by_hand) / 2, rel=1e-5)


def _vocabulary():
    return LOCAL.model.config.vocab_size


def _logprob(context, reply):
    ids = torch.tensor([[*context, *reply]])
    with torch.no_grad():
        laws = LOCAL.model(ids).logits[0].log_softmax(-1)
    return sum(laws[len(context) + i - 1, token].item() for i, token in enumerate(reply))


def test_it_teaches_and_tells_its_estimate(tmp_path):
    local, task = biased_local(), die_tasks()[0]
    assert measure_exact(local, task)["tv"] > 0.5
    events = []
    config = OptionBConfig(
        steps=40, batch=2, lr=5e-3, noise=0.0, replay=0.0, probe_every=0, tokens=12, average=0.8
    )
    train(local, die_tasks()[:2], config, tmp_path, on_event=events.append)
    told = [event.values["kl"] for event in events if event.kind == "step"]
    assert abs(told[-1]) < 0.25 < told[0]
    assert measure_exact(local, task)["tv"] < 0.2
