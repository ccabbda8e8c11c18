"""A small random model with a tokenizer and a chat template, and tasks for it."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}<|end|>"
    "{% else %}<|assistant|> {{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|end|>", "<|user|>", "<|assistant|>"]


def byte_tokenizer(merges=()):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*SPECIAL, *alphabet, *("".join(pair) for pair in merges)]
    tokenizer = Tokenizer(
        models.BPE(vocab={w: i for i, w in enumerate(words)}, merges=list(merges))
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", additional_special_tokens=SPECIAL
    )
    fast.chat_template = TEMPLATE
    return fast


def small_model(vocabulary, seed=0):
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        initializer_range=0.1,
    )
    return LlamaForCausalLM(config)


def small_local(seed=0):
    from evenodds.models.local import Local

    torch.set_num_threads(1)
    merges = [("Ġ", str(d)) for d in range(10)]  # a digit carries its leading space
    tokenizer = byte_tokenizer(merges)
    return Local(small_model(len(tokenizer), seed), tokenizer, "small")


def biased_local():
    """A small model that has learnt to answer 4 to the die tasks, most of the time."""
    import tempfile

    from evenodds.train.match import MatchConfig
    from evenodds.train.run import train

    local = small_local()
    config = MatchConfig(steps=150, batch=3, lr=1e-2, noise=0.0, probe_every=0, average=0.0)
    with tempfile.TemporaryDirectory() as folder:
        train(local, die_tasks("weighted({1: 1, 2: 1, 3: 1, 4: 15, 5: 1, 6: 1})"), config, folder)
    local.model.requires_grad_(True)
    return local


def die_tasks(law="uniform(1, 6)"):
    from evenodds.distributions import parse
    from evenodds.tasks.answer import AnswerFormat
    from evenodds.tasks.task import Task

    target = parse(law)
    tag = AnswerFormat("tag")
    return [
        Task("Roll a die.", target),
        Task("Roll one die, number only.", target),
        Task("roll; <answer></answer>", target, tag),
    ]
