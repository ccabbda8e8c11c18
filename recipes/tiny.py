"""Make the embedded model `tiny` from nothing: `python recipes/tiny.py --out runs/tiny`.

Five stages, about 95 CPU minutes in all on one thread. `--quick` makes a weaker model in one stage
of about 8 minutes, for whoever changes the corpus. Both end by measuring what the model was meant
to reach (`aims.json`) and writing its card. `--install` puts the model into the package.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import torch

from evenodds.ledger.files import write_atomically
from evenodds.models.load import TINY
from evenodds.models.local import Local
from evenodds.train.pretrain.aims import write_aims
from evenodds.train.pretrain.card import card
from evenodds.train.pretrain.loop import Recipe
from evenodds.train.pretrain.recipe import make

FIRST = Recipe(steps=7500, decay=0.0)
SECOND = Recipe(
    steps=6500, drills=0, warmup=100, decay=0.0, wide=True, length_power=0.5, half=True, seed=18
)
THIRD = replace(SECOND, steps=5000, drills=150, drill_every=12, repeats=True, seed=19)
FOURTH = replace(
    THIRD, steps=10_500, stop=7000, drills=0, drill_every=10, warmup=50, decay=1.0, seed=20
)
FIFTH = replace(
    FOURTH,
    steps=5500,
    stop=None,
    warmup=20,
    instructions=2.0,
    matrix_rate=0.0067,
    other_rate=0.001,
    seed=21,
)
QUICK = Recipe(
    steps=2500, drills=150, repeats=True, decay=0.5, wide=True, length_power=0.5, half=True
)


def stages(*, quick: bool) -> list[Recipe]:
    """The recipes to follow, one after the other."""
    return [QUICK] if quick else [FIRST, SECOND, THIRD, FOURTH, FIFTH]


def main() -> None:
    """Train, measure, write the card; with `--install`, replace the embedded model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/tiny"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--install", action="store_true")
    chosen = parser.parse_args()
    folder: Path | None = None
    for number, recipe in enumerate(stages(quick=chosen.quick), start=1):
        folder = make(recipe, chosen.out / f"stage{number}", start=folder)
    assert folder is not None
    torch.set_num_threads(1)
    aims = write_aims(Local.load(str(folder)), folder / "aims.json")
    write_atomically(folder / "README.md", card(aims, stages(quick=chosen.quick)))
    print(f"wrote {folder}, its card and aims.json")
    if chosen.install:
        shutil.copytree(folder, TINY, dirs_exist_ok=True)
        print(f"installed into {TINY}")


if __name__ == "__main__":
    main()
