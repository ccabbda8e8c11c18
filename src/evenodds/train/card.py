"""The short model card of a trained model: what it is, what was measured, how it was made."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from evenodds.measure.record import versions
from evenodds.models.base import Decoding
from evenodds.train.methods import method

if TYPE_CHECKING:
    from evenodds.train.events import Event
    from evenodds.train.run import Trained

CARD = """---
{head}---

# {model}, taught to sample fairly

Trained by evenodds with the method `{method}`: {says}.

{measured}
## How it was made

```
{command}
```

| | |
|---|---|
| base model | {model} |
| tasks (hash) | `{tasks}` |
| replayed replies (hash) | `{replayed}` |
| steps, CPU seconds | {step}, {seconds:.1f} |
| last loss | {loss:.5f} |
| seed | {seed} |
| ended by | {reason} |
| versions | {versions} |

```json
{options}
```

## How to use it

Sample it at temperature 1 without top-k or top-p: any of them changes the odds that were taught.
{asked}
```python
{use}
```
"""

MEASURED = """## What was measured

| | tasks probed | tv before | tv after | valid before | valid after |
|---|---|---|---|---|---|
{splits}
{others}
Means over the tasks that the run probed, before its first step and after its last one. tv is the
total variation distance from the target, from exact probabilities, with every invalid answer
counted; valid is the mass on outcomes. Only the canonical spelling of an answer counts here, so tv
is never below the true one.
"""

OTHERS = """
| | questions | before | after |
|---|---|---|---|
{rows}
"""

OTHER = {
    "n:twins": ("twins", "probability of the right answer to deterministic tasks"),
    "n:control": ("control", "probability of the right answer to ordinary instructions"),
    "n:own": ("control", "likelihood a token that is left of its former answers to others"),
}
"""By what a probe calls their number: the name of the mean, and what it is."""

FULL = """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")"""

ADAPTER = """from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("FOLDER")
tokenizer = AutoTokenizer.from_pretrained("FOLDER")"""

_TOLD = ("method", "model", "tasks", "replayed", "seed", "decoding")
"""What stands in the table, and not among the options."""


def card(
    identity: Mapping[str, Any], done: Trained, command: str, events: Sequence[Event] = ()
) -> str:
    """The text of README.md for a run of configuration `identity` that ended as `done`.

    The measured table is that of the first and the last probe among `events`; without probes the
    card has none.
    """
    options = {name: value for name, value in identity.items() if name not in _TOLD}
    return CARD.format(
        head=_head(identity),
        model=_cell(identity["model"]),
        method=identity["method"],
        says=method(identity["method"]).says,
        measured=_measured([event.values for event in events if event.kind == "probe"]),
        command=command or "evenodds train",
        tasks=identity["tasks"],
        replayed=identity["replayed"] or "none",
        step=done.step,
        seconds=done.seconds,
        loss=done.loss,
        seed=identity["seed"],
        reason=done.reason,
        versions=", ".join(f"{name} {version}" for name, version in _versions().items()),
        options=json.dumps(options),
        asked=_asked(identity["decoding"]),
        use=ADAPTER if identity["lora"] is not None else FULL,
    )


def _versions() -> dict[str, str]:
    """Those of a measurement, and of TRL where its trainer ran."""
    trl = getattr(sys.modules.get("trl"), "__version__", None)
    return versions() | ({"trl": trl} if trl else {})


def _head(identity: Mapping[str, Any]) -> str:
    adapter = identity["lora"] is not None
    head = {
        "library_name": "peft" if adapter else "transformers",
        "base_model": identity["model"],
        "base_model_relation": "adapter" if adapter else "finetune",
        "tags": ["evenodds", "sampling", "calibration", str(identity["method"])],
    }
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True)


def _asked(decoding: Mapping[str, Any]) -> str:
    """The system prompt, prefill and template that it was taught under, where there were any."""
    plain = Decoding().to_json()
    changed = {name: value for name, value in decoding.items() if value != plain.get(name)}
    if not changed:
        return ""
    return f"It was taught under these settings: `{json.dumps(changed, ensure_ascii=False)}`.\n"


def _measured(probes: Sequence[Mapping[str, Any]]) -> str:
    if not probes:
        return ""
    first, last = probes[0], probes[-1]
    splits = "\n".join(_splits(first, last))
    if not splits:
        return ""
    rows = "\n".join(_rightly(first, last))
    return MEASURED.format(splits=splits, others=OTHERS.format(rows=rows) if rows else "")


def _splits(first: Mapping[str, Any], last: Mapping[str, Any]) -> Iterator[str]:
    for split in (name[2:] for name in last if name.startswith("n:") and f"tv:{name[2:]}" in last):
        numbers = [probe[f"{what}:{split}"] for what in ("tv", "valid") for probe in (first, last)]
        title = "trained" if split == "train" else split.replace("_", " ")
        yield _row(title, last[f"n:{split}"], numbers)


def _rightly(first: Mapping[str, Any], last: Mapping[str, Any]) -> Iterator[str]:
    for count, (name, title) in OTHER.items():
        if count in first and count in last:
            yield _row(title, last[count], [first[name], last[name]])


def _row(title: str, n: float, numbers: Sequence[float]) -> str:
    return " | ".join([f"| {title}", f"{n:.0f}", *(f"{each:.4f}" for each in numbers)]) + " |"


def _cell(text: str) -> str:
    """A text that may stand in a table."""
    return " ".join(str(text).split()).replace("|", "\\|")
