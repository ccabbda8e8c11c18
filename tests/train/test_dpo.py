"""`dpo` on small models: its step is the exact one, its pairs are the model's own replies."""

import copy
import json
import math
from dataclasses import replace

import pytest
import torch
from train_local import biased_local, die_tasks, small_local

from evenodds.distributions import parse
from evenodds.errors import RunError
from evenodds.measure.exact import measure_exact
from evenodds.models.base import Decoding, PrefixTree, path_logprobs
from evenodds.tasks.task import Task
from evenodds.train.collate import collate
from evenodds.train.dpo import METHOD, DpoConfig
from evenodds.train.forward import Forward, edge_loss
from evenodds.train.job import Job
from evenodds.train.rows import Row
from evenodds.train.run import train
from evenodds.train.taught import Taught
from evenodds.train.trainable import make_trainable
from evenodds.train.world import World

pytestmark = pytest.mark.filterwarnings("ignore:.*gradient_checkpointing:FutureWarning")
QUICK = DpoConfig(
    steps=40, batch=3, pairs=4, lr=1e-2, warmup=2, noise=0.0, replay=0.0, probe_every=0,
    average=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def biased():
    return biased_local()


def trainer_of(local, tasks, config, folder, world=World()):  # noqa: B008  frozen
    prepared = METHOD.prepare(local, tasks, Decoding(), config)
    model = make_trainable(local.model, config)
    return METHOD.build(Job(local, model, tasks, prepared, config, folder, world=world))


def logp(local, context, path):
    tree = PrefixTree()
    node = tree.add(path)
    return float(path_logprobs(tree, local.walk(context, tree, Decoding()).logprob)[node])


def test_a_pair_is_two_replies_to_the_prompt_as_generation_sees_it(tmp_path, biased):
    local, task = copy.deepcopy(biased), die_tasks()[0]
    trainer = trainer_of(local, [task], QUICK, tmp_path)
    pairs, tv = trainer._pairs(trainer.model, 0)
    assert tv == pytest.approx(measure_exact(local, task)["tv"], abs=0.01)
    context = local.context(task.prompt, Decoding())
    paths = {local.spell(task.prompt, str(face), Decoding()): face for face in range(1, 7)}
    for pair in pairs:
        assert pair.context == context
        assert paths[pair.chosen.tokens] != 4
        assert pair.chosen.tokens[-1] in local.ends
        assert paths.get(pair.rejected.tokens) in (4, None)
        for said in (pair.chosen, pair.rejected):
            assert said.logp == pytest.approx(logp(local, context, said.tokens), abs=1e-4)
    talk = [{"role": "user", "content": task.prompt}]
    for face in (paths[pair.chosen.tokens] for pair in pairs):
        said = [*talk, {"role": "assistant", "content": str(face)}]
        whole = local.tokenizer.apply_chat_template(said, tokenize=False)
        ids = local.tokenizer(whole, add_special_tokens=False)["input_ids"]
        assert (*context, *local.spell(task.prompt, str(face), Decoding())) == tuple(ids)


def gradient(model, loss):
    model.zero_grad()
    loss.backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def test_fresh_pairs_step_where_the_exact_loss_steps(tmp_path, biased):
    """Two thousand pairs: their mean gradient is that of KL(fair, model) over whole answers."""
    local = copy.deepcopy(biased)
    task = Task("Roll two.", parse('weighted({"1 2": 3, "12": 1, "4": 2, "4 4": 2})'))
    trainer = trainer_of(local, [task], replace(QUICK, batch=1, pairs=2000), tmp_path)
    model = trainer.model.train()
    found = gradient(model, trainer.compute_loss(model, {}))
    trie = trainer.job.prepared[0].trie
    row = Row(local.context(task.prompt, Decoding()), trie.tokens, trie.parents, trie.edges, 0.0)
    batch = collate([row], "paths")
    exact = gradient(model, edge_loss(Forward(model).logprobs(model, batch), batch))
    assert torch.nn.functional.cosine_similarity(found, exact, dim=0) > 0.99
    assert float(found.norm() / exact.norm()) == pytest.approx(1, abs=0.05)


def test_a_run_makes_a_biased_die_fair(tmp_path, biased):
    local, events = copy.deepcopy(biased), []
    train(local, die_tasks(), QUICK, tmp_path, on_event=events.append)
    assert all(measure_exact(local, task)["tv"] < 0.05 for task in die_tasks())
    told = [event.values["tv"] for event in events if event.kind == "step"]
    assert told[0] > 4 * told[-1]


@pytest.mark.parametrize("lora", [None, 4])
def test_the_untrained_reference_stays_the_untrained_model(tmp_path, biased, lora):
    """What TRL calls the chosen reward is beta (log p - log p of the model as it came)."""
    local, before = copy.deepcopy(biased), copy.deepcopy(biased)
    config = replace(QUICK, reference="untrained", lora=lora, beta=0.5, batch=1, pairs=4, steps=5)
    trainer = trainer_of(local, die_tasks()[:1], config, tmp_path)
    trainer.train()
    trainer._metrics["train"].clear()
    pairs, _ = trainer._pairs(trainer.model, 0)
    trainer.waiting = {trainer.state.global_step: (pairs, 1.0)}
    trainer.compute_loss(trainer.model, {})
    moved = [
        0.5 * (logp(local, p.context, p.chosen.tokens) - logp(before, p.context, p.chosen.tokens))
        for p in pairs
    ]
    told = trainer._metrics["train"]["rewards/chosen"][0]
    assert abs(told) > 0.01
    assert told == pytest.approx(sum(moved) / len(moved), abs=1e-4)


def test_the_loss_is_dpos(tmp_path, biased):
    """A closed form on the pairs of a step, after the model has moved away from them."""
    local = copy.deepcopy(biased)
    trainer = trainer_of(local, die_tasks()[:1], replace(QUICK, refresh=8, beta=0.7), tmp_path)
    trainer.compute_loss(trainer.model, {})
    pairs, tv = trainer.waiting[5]
    with torch.no_grad():
        local.model.get_input_embeddings().weight.mul_(1.05)
    trainer.state.global_step = 5
    loss = float(trainer.compute_loss(trainer.model, {}).detach())
    terms = []
    for pair in pairs:
        up = logp(local, pair.context, pair.chosen.tokens) - pair.chosen.logp
        down = logp(local, pair.context, pair.rejected.tokens) - pair.rejected.logp
        terms.append(math.log1p(math.exp(-0.7 * (up - down))))
    assert loss == pytest.approx(2 / 0.7 * tv * sum(terms) / len(terms), rel=1e-3)


def test_supports_too_large_to_list_prefer_fair_draws_to_the_models_own(tmp_path, biased):
    local = copy.deepcopy(biased)
    task = Task("Shuffle.", parse('shuffle("1", "2", "3", "4", "5", "6")'))
    trainer = trainer_of(local, [task], replace(QUICK, batch=2, pairs=2), tmp_path)
    pairs, tv = trainer._pairs(trainer.model, 0)
    assert tv == 1
    for pair in pairs:
        assert task.parse(local.text(pair.chosen.tokens)).outcome
        assert pair.chosen.logp < pair.rejected.logp
    assert len({pair.chosen.tokens for pair in pairs}) > 1
    assert float(trainer.compute_loss(trainer.model, {}).detach()) > 0


def test_processes_share_the_pairs_of_one(tmp_path, biased):
    local = copy.deepcopy(biased)
    whole, tv = trainer_of(local, die_tasks(), QUICK, tmp_path)._pairs(local.model, 3)
    for rank in range(2):
        trainer = trainer_of(local, die_tasks(), QUICK, tmp_path, World(rank, 2))
        assert trainer._pairs(local.model, 3) == (whole[rank::2], tv)
    with pytest.raises(RunError, match=r"12 pairs a step .* cannot be shared equally by 10"):
        trainer_of(local, die_tasks(), QUICK, tmp_path, World(0, 10))


def test_a_checkpoint_serves_any_number_of_processes(tmp_path, biased):
    config = replace(QUICK, refresh=5, steps=3, checkpoint_every=3)
    trainer = trainer_of(copy.deepcopy(biased), die_tasks(), config, tmp_path)
    trainer.train()
    fresh, other = (
        trainer_of(copy.deepcopy(biased), die_tasks(), replace(config, steps=6), tmp_path, world)
        for world in (World(), World(1, 2))
    )
    for resumed in (fresh, other):
        resumed.restore(tmp_path / "checkpoint-3")
    assert fresh.waiting == {}  # the round was cut at the run's end
    whole = trainer_of(copy.deepcopy(biased), die_tasks(), replace(config, steps=6), tmp_path)
    whole.waiting = whole._round(whole.model, 0)
    whole.state.global_step = 3
    whole.args.output_dir = str(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Taught, "_save_checkpoint", lambda *_: None)
        whole._save_checkpoint(whole.model, None)
    for resumed in (fresh, other):
        resumed.restore(tmp_path / "checkpoint-3")
    assert fresh.waiting == {step: whole.waiting[step] for step in (3, 4)}
    assert other.waiting == {}


def test_the_model_keeps_its_own_configuration(tmp_path):
    local = small_local()
    local.model.save_pretrained(tmp_path / "before")
    train(local, die_tasks(), replace(QUICK, steps=2), tmp_path / "run")
    for name in ("config.json", "generation_config.json"):
        before, after = (tmp_path / folder / name for folder in ("before", "run/model"))
        assert json.loads(before.read_text("utf-8")) == json.loads(after.read_text("utf-8"))
    assert local.tokenizer.pad_token is None


@pytest.mark.parametrize("options", [{"pairs": 0}, {"refresh": 0}, {"beta": 0.0}, {"outcomes": 0}])
def test_options_of_dpo_that_cannot_be(options):
    with pytest.raises(RunError, match=f"{next(iter(options))}=0"):
        DpoConfig(**options)
