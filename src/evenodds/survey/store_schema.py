"""The tables of a survey's ledger, which nothing ever changes or takes out of."""

from __future__ import annotations

__all__ = ["FORMAT", "SCHEMA"]

FORMAT = 3
"""The version of the tables, kept as SQLite's user_version."""

_LEDGER = ("config", "names", "models", "reserved", "raw", "ended", "draws")
_READ = ("readings", "odds")

_TABLES = """
CREATE TABLE config(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE models(name INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE reserved(
  id INTEGER PRIMARY KEY, model INTEGER NOT NULL, question INTEGER NOT NULL, i INTEGER NOT NULL,
  cell INTEGER NOT NULL, attempt INTEGER NOT NULL, worst INTEGER NOT NULL, asked_at REAL NOT NULL);
CREATE TABLE raw(id INTEGER PRIMARY KEY, status INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE ended(
  id INTEGER PRIMARY KEY, paid INTEGER NOT NULL, cost INTEGER NOT NULL, latency REAL, fault TEXT);
CREATE TABLE draws(
  model INTEGER NOT NULL, question INTEGER NOT NULL, i INTEGER NOT NULL, id INTEGER NOT NULL,
  PRIMARY KEY (question, model, i)) WITHOUT ROWID;
CREATE TABLE readings(
  reader INTEGER NOT NULL, id INTEGER NOT NULL, kind INTEGER NOT NULL, outcome INTEGER NOT NULL,
  position INTEGER NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (reader, id)) WITHOUT ROWID;
CREATE TABLE odds(
  reader INTEGER NOT NULL, id INTEGER NOT NULL, law TEXT NOT NULL,
  PRIMARY KEY (reader, id)) WITHOUT ROWID;
CREATE TABLE notes(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, model INTEGER NOT NULL, question INTEGER NOT NULL,
  i INTEGER NOT NULL, said TEXT NOT NULL);
CREATE VIEW calls AS
  SELECT r.id AS id, m.name AS model, q.name AS question, r.i AS i, c.name AS cell,
    r.attempt AS attempt,
    CASE WHEN e.paid = 1 THEN 'paid' WHEN e.paid = 0 THEN 'failed' ELSE 'reserved' END AS state,
    r.worst / 1e9 AS worst, e.cost / 1e9 AS cost, r.asked_at AS asked_at, e.latency AS latency,
    e.fault AS fault
  FROM reserved r JOIN names m ON m.id = r.model JOIN names q ON q.id = r.question
    JOIN names c ON c.id = r.cell LEFT JOIN ended e ON e.id = r.id;
"""


def _guards() -> str:
    return "".join(
        f"CREATE TRIGGER {table}_{change} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'what is written stays'); END;\n"
        for table in (*_LEDGER, *_READ, "notes")
        for change in ("UPDATE", "DELETE")
    )


SCHEMA = f"{_TABLES}{_guards()}PRAGMA user_version = {FORMAT};"
"""All tables, the view `calls` for readers with any SQLite tool, and guards against changes."""
