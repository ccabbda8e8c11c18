"""The random families of the corpus, each with its share."""

from evenodds.train.pretrain import numbers, orders, picks
from evenodds.train.pretrain.writer import Family

RANDOM: dict[str, tuple[Family, float]] = {
    "die": (numbers.die, 13.0),
    "dice_other": (numbers.dice_other, 4.5),
    "dice_sum": (numbers.dice_sum, 4.5),
    "range": (numbers.number_range, 11.0),
    "decimal": (numbers.decimal, 2.0),
    "normal": (numbers.normal, 2.0),
    "binomial": (numbers.binomial, 1.5),
    "poisson": (numbers.poisson, 1.0),
    "coin": (picks.coin, 4.5),
    "coin_labels": (picks.coin_labels, 4.0),
    "coin_article": (picks.coin_article, 1.2),
    "list": (picks.list_pick, 12.0),
    "weighted": (picks.weighted, 8.0),
    "weighted_coin": (picks.weighted_coin, 3.0),
    "open": (picks.open_pick, 5.0),
    "card": (picks.card, 1.2),
    "die_list": (orders.die_list, 2.0),
    "coin_list": (orders.coin_list, 1.5),
    "number_list": (orders.number_list, 2.0),
    "shuffle": (orders.shuffle, 5.0),
    "sample": (orders.sample, 2.5),
    "pin": (orders.pin, 1.2),
    "password": (orders.password, 1.2),
}
