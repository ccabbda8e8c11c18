"""Numbers that look random and are a function of their key: nothing is remembered."""

from hashlib import blake2b
from struct import unpack

__all__ = ["chances", "key_hash"]


def chances(*key: object) -> tuple[float, ...]:
    """Eight independent numbers, uniform on [0, 1), that depend on the key alone.

    >>> chances(1, "a") == chances(1, "a"), chances(1, "a") == chances(2, "a")
    (True, False)
    """
    text = "\x1f".join(map(str, key)).encode("utf-8", "surrogatepass")
    return tuple((number >> 11) / 2**53 for number in unpack(">8Q", blake2b(text).digest()))


def key_hash(*key: object) -> str:
    """16 hex digits of a key."""
    text = "\x1f".join(map(str, key)).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=8).hexdigest()
