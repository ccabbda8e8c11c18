"""Prompt noise fades: all at the start, none at the end."""

from evenodds.train.match import MatchConfig
from evenodds.train.steps import noise_at


def test_noise_falls_linearly_from_its_share_to_none():
    config = MatchConfig(steps=10, noise=0.8)
    shares = [noise_at(step, config) for step in range(11)]
    assert shares[0] == 0.8
    assert shares[5] == 0.4
    assert shares[10] == 0.0
    assert shares == sorted(shares, reverse=True)
