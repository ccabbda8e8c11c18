"""Options for broad sets of tasks: weights by length, half precision, spellings that are shared."""

import random

import pytest
import torch
from train_local import small_local

from evenodds.distributions import parse
from evenodds.models.base import Decoding
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.train.collate import collate
from evenodds.train.forward import Forward, edge_loss
from evenodds.train.lesson import prepare
from evenodds.train.match import MatchConfig, lessons
from evenodds.train.rows import shortened

LOCAL = small_local()
PLAIN = Decoding()
TASKS = [
    Task("Roll.", parse("uniform(1, 6)")),
    Task("A code.", parse("sequence(uniform(0, 9), 5)"), AnswerFormat("tag")),
    Task("Another.", parse("sequence(uniform(0, 9), 7)"), AnswerFormat("json")),
    Task("Order.", parse("shuffle('a', 'b', 'c', 'd', 'e', 'f', 'g')")),
]


def rows(config, seed=0):
    return [lesson.row(random.Random(seed)) for lesson in lessons(LOCAL, TASKS, PLAIN, config)]


def test_power_one_is_the_mean_over_the_tokens_of_an_answer():
    row = prepare(TASKS[3], LOCAL, PLAIN, MatchConfig(outcomes=10)).row(random.Random(0))
    tokens = len(row.tokens) + 1
    mean = shortened(row, 1.0)
    assert sum(weight for *_, weight in mean.edges) == pytest.approx(1)
    assert mean.entropy == pytest.approx(row.entropy / tokens)
    assert sum(weight for *_, weight in shortened(row, 0.5).edges) == pytest.approx(tokens**0.5)


def test_a_whole_run_weighs_by_length_only_when_asked():
    config = MatchConfig(outcomes=100)
    plain, short = rows(config), rows(MatchConfig(outcomes=100, length_power=1.0))
    assert [sum(w for *_, w in row.edges) for row in short] == pytest.approx([1] * len(TASKS))
    assert plain == [prepare(t, LOCAL, PLAIN, config).row(random.Random(0)) for t in TASKS]


@pytest.mark.parametrize("seed", range(4))
def test_lessons_that_share_spellings_teach_the_same(seed):
    config, known = MatchConfig(outcomes=100), {}
    for task in TASKS * 2:
        shared = prepare(task, LOCAL, PLAIN, config, known).row(random.Random(seed))
        assert shared == prepare(task, LOCAL, PLAIN, config).row(random.Random(seed))
    assert known


def test_half_precision_is_near_and_its_output_is_whole():
    local = small_local()
    batch = collate(rows(MatchConfig(outcomes=100)), "tree")
    forward = Forward(local.model)
    full = forward.logprobs(local.model, batch).detach()
    forward.halve()
    half = forward.logprobs(local.model, batch).detach()
    assert half.dtype == torch.float32
    assert 0 < float((half - full).abs().max()) < 0.05
    sums = half.exp().sum(-1)
    assert torch.allclose(sums, torch.ones_like(sums), atol=1e-5)
    head, seen = local.model.get_output_embeddings(), []
    hook = head.register_forward_hook(lambda module, given, logits: seen.append(logits.dtype))
    edge_loss(forward.logprobs(local.model, batch), batch).backward()
    hook.remove()
    assert seen == [torch.float32]
    assert all(p.grad.dtype == torch.float32 for p in local.model.parameters())
