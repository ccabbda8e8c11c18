"""Memory of exact scoring at a vocabulary of 151,936, the largest in common use."""

import subprocess
import sys
from pathlib import Path

import pytest

PATHS = 500
BOUND_MB = 300
"""Above 1,000 inner nodes: all their logits at once would be 610 MB in fp32, 1220 MB in fp64."""

SCRIPT = """
import resource, sys
import torch
from random_models import random_model, tokenizer
from evenodds.models import Decoding, PrefixTree
from evenodds.models.local import Local
torch.set_num_threads(1)
size = 151_936
local = Local(random_model("llama", vocab_size=size, hidden_size=16, head_dim=4), tokenizer())
tree = PrefixTree()
for i in range({paths}):
    tree.add([5 + i % 10, 20 + i, 40, 0])
context = tuple(range(5, 65))
assert len(list(tree.inner())) > 2 * {paths}
local._strategies = {{64: "{strategy}", 128: "{strategy}"}}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
decoding = Decoding({decoding})
walk = local.walk(context, tree, decoding, {{0: 20}})
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert -1e-9 <= walk.logprob[0] <= 0 and len(walk.next[0]) > 0
print((after - before) / 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "decoding"), [("tree", ""), ("cache", ""), ("plain", ""), ("tree", "top_p=0.9")]
)
def test_peak_memory_is_bounded(strategy, decoding):
    oracles = Path(__file__).parents[1] / "oracles"
    code = SCRIPT.format(paths=PATHS, strategy=strategy, decoding=decoding)
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=oracles, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < BOUND_MB
