"""What the market billed, call by call: the truth that a client's ledger is checked against."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Bill", "Row"]

_PARTS = 10**12


@dataclass(frozen=True, slots=True)
class Row:
    """One call: the id that its reply carries, model, what it came to, and dollars billed."""

    id: str
    model: str
    kind: str
    dollars: float
    whole: bool

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class _Account:
    calls: int = 0
    whole: int = 0
    billed: int = 0
    parts: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        counts = {"calls": self.calls, "whole": self.whole, "billed": self.billed}
        return {**counts, "dollars": self.parts / _PARTS, "kinds": dict(self.kinds)}


class Bill:
    """The accounts of all models, and the last rows: all of them unless more than `keep` came.

    Of an account: `calls` that came, `whole` replies (of which a client that hung up missed its
    own), calls that were `billed` (also a stalled reply, and one of which half was sent),
    `dollars`, and `kinds` of what calls came to.
    """

    def __init__(self, keep: int = 200_000) -> None:
        self.keep = keep
        self.rows: list[Row] = []
        self.accounts: dict[str, _Account] = {}

    def add(self, row: Row) -> None:
        """Write a call down."""
        account = self.accounts.setdefault(row.model, _Account())
        account.calls += 1
        account.whole += row.whole
        account.billed += row.dollars > 0
        account.parts += round(row.dollars * _PARTS)
        account.kinds[row.kind] += 1
        if len(self.rows) < self.keep:
            self.rows.append(row)

    @property
    def dollars(self) -> float:
        """All that was billed."""
        return sum(account.parts for account in self.accounts.values()) / _PARTS

    def to_json(self) -> dict[str, Any]:
        """Return the accounts as JSON values."""
        return {model: account.to_json() for model, account in self.accounts.items()}
