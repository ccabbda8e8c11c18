"""A Hugging Face model whose replies to some contexts are told: `Local` with a known law.

It reads whole sequences of ids only, so that neither tree nor cache is right for it.
"""

from collections import defaultdict
from collections.abc import Sequence

import torch
from random_models import CHAT, tokenizer
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

from evenodds.models import Decoding
from evenodds.models.local import Local

VOCABULARY, END = 320, 0


class ToldConfig(PretrainedConfig):
    model_type = "told"
    num_hidden_layers = 1

    def __init__(self, vocab_size=VOCABULARY, **settings):
        super().__init__(**settings)
        self.vocab_size = vocab_size


class Told(PreTrainedModel, GenerationMixin):
    """Next-token weights by everything that came before; noise where nothing was told."""

    config_class = ToldConfig
    main_input_name = "input_ids"

    def __init__(self, config):
        super().__init__(config)
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.told = defaultdict(lambda: torch.zeros(VOCABULARY))
        self.post_init()

    def tell(self, context, path):
        for size, token in enumerate(path):
            self.told[(*context, *path[:size])][token] += 1

    def forward(self, input_ids, attention_mask=None, **_):
        laws = [
            [self.law(tuple(row[: i + 1])) for i in range(len(row))] for row in input_ids.tolist()
        ]
        return CausalLMOutput(logits=torch.stack([torch.stack(law) for law in laws]))

    def law(self, before):
        if before in self.told:
            return self.told[before].log()
        return torch.sin(torch.arange(VOCABULARY) * (1.0 + sum(before) % 97 + len(before)))

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, **_):
        return {"input_ids": input_ids}


def told_local(
    lessons: Sequence[tuple[str, Decoding, Sequence[str]]], template: str | None = CHAT
) -> Local:
    """Return a model that answers (prompt, decoding) by each of the replies equally often."""
    model = Told(ToldConfig(eos_token_id=END)).eval()
    local = Local(model, tokenizer(template), "told")
    for prompt, decoding, replies in lessons:
        for reply in replies:
            context = local.context(prompt, decoding)
            model.tell(context, (*local.turns.encode(reply), END))
    assert local.strategy == "plain"
    return local
