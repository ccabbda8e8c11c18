"""Sampled answers: the loss of TRL's own trainer, the gradient of `match` in the mean."""

import math
import random
from dataclasses import replace

import pytest
import torch
from train_local import die_tasks, small_local

from evenodds.distributions import parse
from evenodds.models.base import Decoding
from evenodds.tasks.answer import AnswerFormat
from evenodds.tasks.task import Task
from evenodds.train import sft
from evenodds.train.collate import collate
from evenodds.train.forward import Forward, edge_loss
from evenodds.train.lesson import Prompts, prepare
from evenodds.train.match import MatchConfig
from evenodds.train.rows import drawn_row
from evenodds.train.run import train
from evenodds.train.sft import Answers, SftConfig, SftLesson

LOCAL = small_local()
PLAIN = Decoding()
CLEAN = {"noise": 0.0, "replay": 0.0, "probe_every": 0}


def lesson(task, **options):
    return sft.lessons(LOCAL, [task], PLAIN, SftConfig(**CLEAN, **options))[0]


def loss_of(rows):
    batch = collate(rows, "paths")
    return edge_loss(Forward(LOCAL.model).logprobs(LOCAL.model, batch), batch)


def gradient(loss):
    LOCAL.model.zero_grad()
    loss.backward()
    return torch.cat([p.grad.flatten().double() for p in LOCAL.model.parameters()])


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_loss_is_that_of_trls_trainer(tmp_path):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    rows = [lesson(task).row(random.Random(i)) for i, task in enumerate(die_tasks())]
    answers = [[token for _, token, _ in row.edges] for row in rows]
    examples = [
        {
            "input_ids": [*row.context, *answer],
            "completion_mask": [0] * len(row.context) + [1] * len(answer),
        }
        for row, answer in zip(rows, answers, strict=True)
    ]
    arguments = SFTConfig(
        output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to="none", padding_free=False,
        gradient_checkpointing=False, per_device_train_batch_size=3, disable_tqdm=True,
        dataloader_pin_memory=False, completion_only_loss=True,
    )  # fmt: skip
    trainer = SFTTrainer(
        LOCAL.model,
        arguments,
        train_dataset=Dataset.from_list(examples),
        processing_class=LOCAL.tokenizer,
    )
    batch = next(iter(trainer.get_train_dataloader()))
    theirs = trainer.compute_loss(LOCAL.model, batch).item()
    tokens = sum(map(len, answers))  # theirs is a mean over tokens, ours over answers
    assert loss_of(rows).item() == pytest.approx(theirs * tokens / len(rows), rel=1e-5)


def test_the_loss_is_that_of_labels():
    row = lesson(die_tasks()[2]).row(random.Random(0))
    answer = [token for _, token, _ in row.edges]
    ids = torch.tensor([[*row.context, *answer]])
    labels = torch.where(torch.arange(ids.shape[1]) < len(row.context), -100, ids)
    theirs = LOCAL.model(ids, labels=labels).loss.item() * len(answer)
    assert loss_of([row]).item() == pytest.approx(theirs, rel=1e-5)


def test_the_mean_gradient_over_draws_is_that_of_match():
    task = Task("Draw.", parse("weighted({1: 1, 2: 2, 10: 1, 12: 4})"))
    exact = prepare(task, LOCAL, PLAIN, MatchConfig(**CLEAN, nodes=99)).row(random.Random(0))
    mean = 0.0
    for outcome, prob in task.law.pmf().probs().items():
        path, surprisal = lesson(task).answers.spelled(outcome)
        mean += prob * gradient(loss_of([drawn_row(exact.context, [path])]))
        assert surprisal == pytest.approx(-math.log(prob))
    assert torch.allclose(mean, gradient(loss_of([exact])), atol=1e-6)


def test_several_answers_weigh_as_much_as_one():
    task = die_tasks()[0]
    first, second = (lesson(task).answers.spelled(x)[0] for x in (3, 5))
    one, other = (drawn_row((1, 2), [path]) for path in (first, second))
    both = drawn_row((1, 2), [first, second, second])
    apart = (loss_of([one]) + 2 * loss_of([other])) / 3
    assert loss_of([both]).item() == pytest.approx(apart.item(), rel=1e-5)


def test_prompts_and_order_are_those_of_match():
    task = Task("Please roll a die for me, would you?", parse("uniform(1, 6)"))
    exact, drawn = prepare(task, LOCAL, PLAIN, MatchConfig()), lesson(task)
    shuffled = prepare(task, LOCAL, PLAIN, MatchConfig(outcomes=1))
    for seed in range(20):
        rows = [it.row(random.Random(seed), 0.7) for it in (exact, drawn, shuffled)]
        assert len({row.context for row in rows}) == 1


def test_the_control_has_one_answer_and_keeps_it():
    tasks = [Task(f"Roll die {i}.", parse("uniform(1, 1000)")) for i in range(5)]
    fixed = [lesson(task, fresh=False) for task in tasks]
    rows = [{it.row(random.Random(i)).edges for i in range(9)} for it in fixed]
    assert all(len(seen) == 1 for seen in rows)
    assert len(set.union(*rows)) == 5
    assert all(it.row(random.Random(0)).entropy == 0 for it in fixed)
    assert {lesson(tasks[0]).row(random.Random(i)).edges for i in range(9)} != rows[0]


def test_a_fair_model_has_the_least_loss_of_each_row_in_the_mean():
    task = Task("Draw.", parse("shuffle('a', 'b', 'c')"))
    it = lesson(task, samples=2)
    assert it.row(random.Random(0)).entropy == pytest.approx(math.log(6))


def test_a_prefill_is_not_written_twice():
    task, said = die_tasks()[2], Decoding(prefill="<answer>")
    answers = Answers(task, LOCAL, said, 100)
    it = SftLesson(task, Prompts(task, LOCAL, said), answers, SftConfig(**CLEAN))
    path = prepare(task, LOCAL, said, MatchConfig(**CLEAN, outcomes=1)).row(random.Random(0))
    reply = LOCAL.text(tuple(token for _, token, _ in it.row(random.Random(0)).edges))
    assert reply.strip() in {f"{face}</answer>" for face in range(1, 7)}
    every = LOCAL.text(tuple(token for _, token, _ in path.edges))  # all faces, then the tag
    assert every.strip() == "123456</answer>"


def test_an_answer_that_cannot_be_spelled_is_told_before_the_run():
    from evenodds.errors import EvenoddsError

    task = Task("Say it.", parse("weighted({'yes': 1, '\u2003': 1})"))
    with pytest.raises(EvenoddsError):
        lesson(task)


RUN = {"steps": 400, "batch": 3, "lr": 1e-2, "warmup": 2, "schedule": "constant", "average": 0.0}


@pytest.mark.parametrize(
    "config", [MatchConfig(**CLEAN, **RUN), SftConfig(**CLEAN, **RUN, samples=4)]
)
def test_a_margin_above_the_targets_entropy_ends_the_run(config, tmp_path):
    trained = train(small_local(), die_tasks(), replace(config, margin=0.1), tmp_path)
    assert trained.reason == "margin"
    assert 10 <= trained.step < 200
    assert trained.loss < math.log(6) + 0.5


def test_the_control_learns_its_answers_by_heart(tmp_path):
    config = SftConfig(**CLEAN, **RUN, fresh=False, margin=0.01)
    trained = train(small_local(), die_tasks(), config, tmp_path)
    assert trained.reason == "margin"
    assert trained.loss < 0.1


def test_tags_are_learnt_too():
    task = Task("Roll.", parse("coin(0.25)"), AnswerFormat("tag"))
    row = lesson(task).row(random.Random(1))
    assert sum(weight for _, _, weight in row.edges) == pytest.approx(len(row.edges))
