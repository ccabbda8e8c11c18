"""The GRPO trainer against measurement's own prompts, TRL's own numbers, and plain autograd."""

import copy
import json
from unittest.mock import patch

import pytest
import torch
from grpo_jobs import SMALL, gradients, rows_of, trainer_of
from train_local import biased_local, die_tasks, small_local
from trl import GRPOTrainer

from evenodds.models.base import Decoding
from evenodds.models.local import Local
from evenodds.train.advantage import centred
from evenodds.train.entropy_bonus import adapted, decayed
from evenodds.train.grpo import GrpoConfig
from evenodds.train.grpo_rollouts import Rollouts
from evenodds.train.heard import heard
from evenodds.train.replay import Exchange
from evenodds.train.rewards import gapo, witness
from evenodds.train.run import train

pytestmark = pytest.mark.filterwarnings(
    "ignore:.(is_)?gradient_checkpointing. is deprecated:FutureWarning"
)
REPLAY = [Exchange("Say hi.", "hi"), Exchange("2+2", "4")]


@pytest.fixture(scope="module")
def taught():
    """A small model that answers 4, most of the time; trained once."""
    return biased_local()


@pytest.fixture
def favourite(taught):
    return copy.deepcopy(taught)


def generated(trainer):
    """One generation, and what was answered in it by this process's own reading."""
    rows = rows_of(trainer)
    with patch.object(trainer, "_answers", wraps=trainer._answers) as asked:
        output = trainer._generate_and_score_completions(rows)
    assert asked.call_count == 1
    ids = [
        [token for token, kept in zip(line, mask, strict=True) if kept]
        for line, mask in zip(
            output["completion_ids"].tolist(), output["completion_mask"].tolist(), strict=True
        )
    ]
    return rows, output, ids


def said(trainer, rows, ids):
    """The groups of answers, read from the token ids with measurement's own functions."""
    local, decoding = trainer.job.local, trainer.job.decoding
    answers = [
        heard([(local.text(i), i[-1] not in local.ends)], trainer.job.tasks[r["task"]], decoding)[0]
        for r, i in zip(rows, ids, strict=True)
    ]
    size = trainer.config.group
    return [answers[start : start + size] for start in range(0, len(answers), size)]


@pytest.mark.parametrize(
    "decoding",
    [
        Decoding(),
        Decoding(system="Be fair."),
        Decoding(prefill="I say"),
        Decoding(prefill="<answer>"),
    ],
    ids=["plain", "system", "prefill", "tag"],
)
@pytest.mark.parametrize("rollouts", ["shared", "generate"])
def test_prompts_are_the_very_ids_that_measurement_conditions_on(tmp_path, decoding, rollouts):
    trainer = trainer_of(tmp_path, decoding=decoding, rollouts=rollouts)
    rows, output, _ = generated(trainer)
    for row, line, mask in zip(rows, output["prompt_ids"], output["prompt_mask"], strict=True):
        task = trainer.job.tasks[row["task"]]
        assert line[mask.bool()].tolist() == list(trainer.job.local.context(task.prompt, decoding))


@pytest.mark.parametrize("rollouts", ["shared", "generate"])
def test_a_witness_is_the_advantage_as_it_is(tmp_path, favourite, rollouts):
    trainer = trainer_of(tmp_path, favourite, reward="witness", group=32, rollouts=rollouts)
    rows, output, ids = generated(trainer)
    groups = said(trainer, rows, ids)
    wanted = [a for group in groups for a in witness(group, trainer.job.tasks[0].law)]
    assert output["advantages"].tolist() == pytest.approx(wanted, abs=1e-6)
    assert len(set(wanted)) > 3
    assert abs(sum(wanted)) > 1  # no mean was taken off


@pytest.mark.parametrize("scale", ["group", "none"])
def test_other_rewards_have_the_advantages_that_trl_gives_them(tmp_path, favourite, scale):
    trainer = trainer_of(tmp_path, favourite, reward="gapo", group=32, scale=scale)
    rows, output, ids = generated(trainer)
    wanted = [
        a
        for group in said(trainer, rows, ids)
        for a in centred(gapo(group, trainer.job.tasks[0].law), scaled=scale == "group")
    ]
    assert len(set(wanted)) > 3
    assert output["advantages"].tolist() == pytest.approx(wanted, abs=1e-4)
    assert trainer.advantages == pytest.approx(wanted, abs=1e-9)


def test_equal_rollouts_computed_once_have_the_gradient_of_all(tmp_path, favourite):
    trainer = trainer_of(tmp_path, favourite, group=16, entropy=0.1, reward="witness")
    _, output, _ = generated(trainer)
    assert len(output["completion_ids"].unique(dim=0)) < 16  # of 32: many are equal
    once = gradients(trainer.model, trainer._compute_loss(trainer.model, dict(output)))
    stock = GRPOTrainer._get_per_token_logps_and_entropies
    with patch.object(
        type(trainer),
        "_get_per_token_logps_and_entropies",
        stock,
    ):
        each = gradients(trainer.model, trainer._compute_loss(trainer.model, dict(output)))
    assert each.abs().max() > 1e-4
    torch.testing.assert_close(once, each, rtol=1e-4, atol=1e-7)


def test_rollouts_are_local_draws_and_leave_the_model_in_training(tmp_path):
    trainer = trainer_of(tmp_path)
    rows = rows_of(trainer)
    drawn = trainer.rollouts.drawn(rows)
    assert trainer.model.training
    assert drawn == trainer.rollouts.drawn(rows)
    assert drawn != trainer.rollouts.drawn([{**row, "step": 1} for row in rows])
    assert all(ids[-1] in trainer.job.local.ends or len(ids) == 8 for ids in drawn)


def test_processes_that_share_a_group_draw_the_same_one(tmp_path):
    trainer = trainer_of(tmp_path)
    rows = rows_of(trainer)
    halves = [trainer.rollouts.drawn(rows[:3]), trainer.rollouts.drawn(rows[3:])]
    assert halves[0] + halves[1] == trainer.rollouts.drawn(rows)


def test_a_rollout_ends_where_a_measured_reply_ends(tmp_path):
    local = small_local()
    local.tokenizer.chat_template = None  # replies end at line breaks
    trainer = trainer_of(tmp_path, Local(local.model, local.tokenizer), rollouts="generate")
    ends = sorted(trainer.job.local.ends)
    assert len(ends) > 1
    assert trainer.eos_token_ids == ends
    assert trainer.generation_config.eos_token_id == ends
    assert trainer.generation_config.top_k == 0


def run(out, events=None, local=None, **options):
    local = local or small_local()
    told = (events if events is not None else []).append
    train(local, die_tasks(), GrpoConfig(**{**SMALL, **options}), out, on_event=told)
    return {name: p.detach().clone() for name, p in local.model.named_parameters()}


def steps(events, name):
    return [event.values[name] for event in events if event.kind == "step"]


def test_passes_of_a_step_add_up_to_the_whole(tmp_path):
    events = []
    whole = run(tmp_path / "whole", events, steps=1, group=6, reward="witness")
    parts = run(tmp_path / "parts", events, steps=1, group=6, reward="witness", rows=3)
    losses = steps(events, "loss")
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert abs(losses[0]) > 0.1
    first = {name: p.detach() for name, p in small_local().model.named_parameters()}
    moved = max((whole[name] - first[name]).abs().max() for name in whole)
    assert moved > 1e-3
    for name, value in whole.items():
        assert (value - parts[name]).abs().max() < 0.02 * moved


def test_replay_takes_its_share(tmp_path):
    events = []
    local = small_local()
    config = GrpoConfig(**{**SMALL, "replay": 0.5, "rows": 4, "reward": "group"})
    train(local, die_tasks(), config, tmp_path / "r", replay=REPLAY, on_event=events.append)
    kept = steps(events, "replay")
    assert kept[0] > 1
    assert kept[-1] < kept[0]  # the control has no gradient of its own: this is replay's


def test_the_control_moves_nothing(tmp_path, favourite, taught):
    first, events = dict(taught.model.named_parameters()), []
    for name, value in run(tmp_path / "run", events, favourite, reward="group").items():
        assert torch.equal(value, first[name])
    assert steps(events, "idle") == [1.0] * 4


def test_the_adaptive_coefficient_goes_as_said(tmp_path, favourite):
    events, wanted = [], 0.3
    run(
        tmp_path / "run", events, favourite, steps=8, entropy=0.2, entropy_mode="adaptive",
        entropy_target=wanted, lr=2e-3, reward="valid",
    )  # fmt: skip
    coefficient = 0.2
    entropies = steps(events, "token_entropy")
    assert min(entropies) < wanted < max(entropies)
    for entropy, told in zip(entropies, steps(events, "entropy_coef"), strict=True):
        _, coefficient = adapted(coefficient, entropy, wanted, high=0.2, delta=0.01)
        assert told == pytest.approx(coefficient)


def test_the_falling_coefficient_falls_to_nothing(tmp_path):
    events = []
    run(tmp_path / "run", events, entropy=0.2, entropy_mode="decay")
    wanted = [decayed(0.2, step / 4) for step in range(4)]
    assert steps(events, "entropy_coef") == pytest.approx(wanted)


@pytest.mark.parametrize("lora", [None, 2])
def test_beta_holds_to_the_untrained_model(tmp_path, lora):
    events, free = [], []
    run(tmp_path / "held", events, beta=5.0, lora=lora, steps=6, entropy=0.5, reward="valid")
    run(tmp_path / "free", free, beta=1e-9, lora=lora, steps=6, entropy=0.5, reward="valid")
    assert steps(events, "kl")[0] == pytest.approx(0, abs=1e-6)
    assert 0 < steps(events, "kl")[-1] < steps(free, "kl")[-1]


def test_several_updates_share_a_generation_and_are_clipped(tmp_path, favourite):
    events = []
    with patch.object(Rollouts, "drawn", autospec=True, side_effect=Rollouts.drawn) as drawn:
        run(tmp_path / "run", events, favourite, iterations=2, group=16, clip_high=0.01)
    assert drawn.call_count == 2
    clipped = steps(events, "clipped_high")
    assert clipped[0] == clipped[2] == 0.0  # the first update of a generation is never clipped
    assert max(clipped) > 0


def test_a_step_tells_what_matters(tmp_path):
    events = []
    run(tmp_path / "run", events, entropy=0.01, preflight="tell")
    told = next(event for event in events if event.kind == "step").values
    assert {"idle", "valid", "reward", "token_entropy", "entropy_coef", "length"} <= set(told)
    before = next(event for event in events if event.kind == "preflight")
    assert before.step == 0
    assert "says" in before.values
    lines = (tmp_path / "run" / "metrics.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines][:2] == ["start", "preflight"]


def test_trl_draws_where_it_is_asked_to(tmp_path):
    events = []
    run(tmp_path / "run", events, rollouts="generate", steps=2)
    assert len(steps(events, "loss")) == 2


def test_the_tokenizer_is_left_as_it_was(tmp_path):
    local = small_local()
    assert local.tokenizer.pad_token is None
    trainer_of(tmp_path, local=local)
    assert local.tokenizer.pad_token is None


def test_mixtures_of_experts_count_every_row(tmp_path):
    """Where TRL wants a loss over rows, equal rows are left as they are."""
    trainer = trainer_of(tmp_path)
    ids = torch.ones(4, 6, dtype=torch.long)
    sizes = []

    def stock(self, model, input_ids, attention_mask, *rest, **more):
        sizes.append(len(input_ids))
        return torch.zeros(len(input_ids), 2), None, None

    with patch.object(GRPOTrainer, "_get_per_token_logps_and_entropies", stock):
        trainer._get_per_token_logps_and_entropies(trainer.model, ids, ids, 2)
        trainer._get_per_token_logps_and_entropies(
            trainer.model, ids, ids, 2, compute_aux_loss=True
        )
    assert sizes == [1, 4]


def tv_after(model, folder, **options):
    from evenodds.measure.exact import measure_exact

    local = copy.deepcopy(model)
    config = GrpoConfig(
        **{**SMALL, "batch": 1, "group": 64, "lr": 3e-3, "checkpoint_every": 10**6, **options}
    )
    train(local, die_tasks()[:1], config, folder)
    return float(measure_exact(local, die_tasks()[0])["tv"])


def test_a_witness_makes_a_die_fair_and_plain_grpo_does_not(tmp_path, favourite):
    assert tv_after(favourite, tmp_path / "plain", steps=60, reward="valid") > 0.5
    assert tv_after(favourite, tmp_path / "witness", steps=60, reward="witness") < 0.1
