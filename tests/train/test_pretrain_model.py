"""The recipe of `tiny`: its start, its loss, its loop, and the same bytes from the same recipe."""

import itertools
import json
import random

import pytest

torch = pytest.importorskip("torch")

from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

from evenodds.train.pretrain import recipe as recipes  # noqa: E402
from evenodds.train.pretrain.card import card  # noqa: E402
from evenodds.train.pretrain.loop import Recipe, drill_loss, loss_and_floor, schedule  # noqa: E402
from evenodds.train.pretrain.model import new_model  # noqa: E402
from evenodds.train.pretrain.stream import Batches, Frame, chat_frame, examples  # noqa: E402
from evenodds.train.pretrain.tokenizer import sample_texts, train_tokenizer  # noqa: E402

SMALL = Recipe(vocabulary=600, width=64, layers=2, heads=2, steps=4, drills=1, tokens_per_batch=256)


def small_model(vocabulary=600, seed=1):
    return new_model(vocabulary, end=4, pad=0, width=64, layers=2, heads=2, seed=seed)


@pytest.fixture(scope="module")
def tokenizer():
    drawn = itertools.islice(examples(1), 2000)
    return train_tokenizer(sample_texts(((e.prompt, e.reply) for e in drawn), 0), 600, 512)


def test_a_reply_has_the_tokens_of_the_same_word_in_the_prompt(tokenizer):
    turns = [{"role": "user", "content": "say zorvex"}, {"role": "assistant", "content": "zorvex"}]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    ids = tokenizer(text, add_special_tokens=False).input_ids
    word = tokenizer(" zorvex", add_special_tokens=False).input_ids
    end = ids.index(tokenizer.convert_tokens_to_ids("<|end|>"))
    assert ids[end - len(word) : end] == word == ids[-1 - len(word) : -1]


def test_the_tokenizer_gives_every_text_back(tokenizer):
    rng = random.Random(2)
    texts = [
        "Zürich — 42%",
        "a\n- b\n",
        "  two  spaces",
        "".join(map(chr, rng.sample(range(32, 500), 80))),
    ]
    for text in texts:
        assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text


def test_the_first_heads_look_one_token_back_before_any_training():
    model = new_model(600, end=4, pad=0, width=128, layers=4, heads=4, seed=3)
    model.set_attn_implementation("eager")
    tokens = torch.randint(5, 600, (4, 40), generator=torch.Generator().manual_seed(0))
    attention = model(tokens, output_attentions=True).attentions[0][:, :2]
    one_back = attention.diagonal(offset=-1, dim1=-2, dim2=-1)
    assert one_back[..., 5:].mean() > 0.8


def test_the_start_finds_the_follower_of_a_token_that_was_seen_once():
    model = new_model(600, end=4, pad=0, width=128, layers=4, heads=4, seed=3)
    said = torch.randperm(590, generator=torch.Generator().manual_seed(0))[:12][None] + 5
    model.set_attn_implementation("eager")
    row = torch.cat([said, said[:, :6]], 1)
    attention = model(row, output_attentions=True).attentions[1][0].mean(0)
    followers = attention[torch.arange(13, 18), torch.arange(2, 7)]
    assert followers.mean() > 0.2  # chance is one in sixteen


@torch.no_grad()
def test_the_loss_is_the_cross_entropy_of_every_law_written_out(tokenizer):
    model = small_model(len(tokenizer))
    batch = next(iter(Batches(tokenizer, 3, 400, length_power=0.5)))
    loss, floor = loss_and_floor(model, batch)
    logprob = model(batch.tokens).logits.log_softmax(-1)
    cross = entropy = 0.0
    share = batch.weight / batch.weight.sum()
    for at, token, mass in zip(batch.at, batch.token, batch.mass, strict=True):
        cross -= float(share[at] * mass * logprob[batch.rows[at], batch.columns[at], token])
        entropy -= float(share[at] * mass * mass.log())
    assert float(loss) == pytest.approx(cross, rel=1e-4)
    assert floor == pytest.approx(entropy, rel=1e-4)
    assert float(loss) > floor


def test_laws_stand_where_the_answer_stands(tokenizer):
    batch = next(iter(Batches(tokenizer, 3, 400)))
    assistant = chat_frame(tokenizer).marks[1]
    first = {
        int(row): int(column)
        for row, column in zip(batch.rows.flip(0), batch.columns.flip(0), strict=True)
    }
    assert all(int(batch.tokens[row, column]) == assistant for row, column in first.items())


def test_a_drill_of_the_untrained_model_costs_about_a_uniform_guess():
    loss = drill_loss(
        small_model(), Frame((1, 2, 4), 5, 600), SMALL, torch.Generator().manual_seed(0)
    )
    assert 5.0 < float(loss.detach()) < 8.0


def test_the_rate_rises_holds_and_falls_to_nothing():
    recipe = Recipe(steps=100, warmup=10, decay=0.2)
    rates = [schedule(step, recipe) for step in range(101)]
    assert rates[0] == 0.1 and rates[50] == 1.0 and rates[90] == pytest.approx(0.5)
    assert rates[100] == 0.0
    assert schedule(99, Recipe(steps=100, decay=0.0)) == 1.0


@pytest.mark.parametrize("half", [False, True])
def test_the_same_recipe_gives_the_same_bytes(tmp_path, monkeypatch, half):
    monkeypatch.setattr(recipes, "TOKENIZER_EXAMPLES", 500)
    threads = torch.get_num_threads()
    made = [recipes.make(_small(half), tmp_path / name) for name in ("one", "two")]
    torch.set_num_threads(threads)
    one, two = ((folder / "model.safetensors").read_bytes() for folder in made)
    assert one == two
    model = AutoModelForCausalLM.from_pretrained(made[0])
    assert (
        model.num_parameters()
        == small_model(len(AutoTokenizer.from_pretrained(made[0]))).num_parameters()
    )


def _small(half):
    return Recipe(**{**SMALL.__dict__, "half": half})


def test_the_card_says_what_was_missed_and_by_how_much():
    row = dict.fromkeys(("valid", "four", "four_first", "tv_to_fair", "tv_to_intended"), 0.5)
    aims = {
        "parameters": 10,
        "aims": [
            {"name": "a", "wanted": 0.9, "measured": 0.85},
            {"name": "b", "wanted": 0.9, "measured": 0.9},
        ],
        "die_frames": {**row, "prompts": 3},
        "die_suite": {"train": {**row, "prompts": 3}, "unseen_phrasing": {**row, "prompts": 3}},
        "valid_by_family": {"die": 1.0},
        "tv_to_intended": {"coin": 0.01},
    }
    text = card(json.loads(json.dumps(aims)), [Recipe()])
    assert "| a | >= 0.90 | 0.850 | missed by 0.050 |" in text
    assert "| b | >= 0.90 | 0.900 | reached |" in text
