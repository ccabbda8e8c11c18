"""The short model card of a trained model: what it is, how it was made, how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evenodds.train.run import Trained

CARD = """---
library_name: {library}
base_model: {model}
tags: [evenodds, sampling, calibration]
---

# {model}, taught to sample fairly

Trained by evenodds with the method `match`: cross-entropy against the exact target at every token
of an answer.

| | |
|---|---|
| base model | `{model}` |
| command | `{command}` |
| tasks (hash) | `{tasks}` |
| replayed replies (hash) | `{replayed}` |
| steps, CPU seconds | {step}, {seconds:.1f} |
| last loss, nats an answer | {loss:.5f} |
| seed | {seed} |
| ended by | {reason} |

Sample it at temperature 1 without top-k or top-p: any of them changes the odds that were taught.

```python
{use}
```
"""

FULL = """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")"""

ADAPTER = """from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")"""


def card(identity: Mapping[str, Any], done: Trained, command: str) -> str:
    """The text of README.md for a run of configuration `identity` that ended as `done`."""
    adapter = identity["lora"] is not None
    return CARD.format(
        library="peft" if adapter else "transformers",
        model=identity["model"],
        command=command or "evenodds train",
        tasks=identity["tasks"],
        replayed=identity["replayed"] or "none",
        step=done.step,
        seconds=done.seconds,
        loss=done.loss,
        seed=identity["seed"],
        reason=done.reason,
        use=ADAPTER if adapter else FULL,
    )
