"""The die article, second half: with an entropy bonus the die becomes fair.

    python recipes/die_with_entropy.py [--seed 0] [--out FOLDER]

The same prompt, reward and trainer as in `die_always_four.py`; the loss also has minus a small
coefficient times the mean entropy of a token. The bonus knows nothing of dice: it pulls every
choice to uniform, and here uniform is what was wanted. On a loaded die it would be wrong.
"""

from die_always_four import BASE, asked, show, teach

from evenodds.train.grpo import GrpoConfig

if __name__ == "__main__":
    chosen = asked(__doc__.splitlines()[0], "runs/die_with_entropy")
    config = GrpoConfig(**{**BASE, "entropy": 0.1}, seed=chosen.seed)
    show(teach(config, chosen.out), "GRPO, reward: a valid roll, with an entropy bonus")
