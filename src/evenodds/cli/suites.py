"""`evenodds suites`: what is built in, and what a suite asks."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="List the built-in suites, or show the tasks of one.", add_completion=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_COLUMNS = {
    "train": "train",
    "phrasing": "unseen_phrasing",
    "parameters": "unseen_parameters",
    "family": "unseen_family",
}


@app.callback(invoke_without_command=True)
def suites(context: typer.Context, as_json: Json = False) -> None:
    """List the built-in suites: hash, number of tasks, splits."""
    if context.invoked_subcommand:
        return
    from evenodds.tasks.suite import BUILT_IN, load_suite

    rows = [_summary(load_suite(name)) for name in BUILT_IN]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{'suite':<6} {'hash':<16} {'tasks':>6}" + "".join(f"  {s:>10}" for s in _COLUMNS))
    for row in rows:
        counts = "".join(f"  {row['splits'].get(split, 0):>10}" for split in _COLUMNS.values())
        print(f"{row['name']:<6} {row['hash']} {row['tasks']:>6}{counts}")
    print("phrasing, parameters, family: held out, never trained on")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="die, coin, core or a JSONL file.")],
    split: Annotated[str | None, typer.Option(help="Only the tasks of this split.")] = None,
    as_json: Json = False,
) -> None:
    """Print the tasks of a suite."""
    from evenodds.tasks.suite import load_suite

    suite = load_suite(Path(name) if name.endswith(".jsonl") else name)
    tasks = suite.split(split) if split else suite.tasks
    if as_json:
        records = [{**task.to_json(), "key": task.key} for task in tasks]
        print(json.dumps({**_summary(suite), "tasks": records}, indent=2, ensure_ascii=False))
        return
    for task in tasks:
        label = f" {task.format.label.strip()}" if task.format.label else ""
        print(f"{task.key}  {task.name}  [{task.format.kind}{label}]  {task.target}")
        print("\n".join(f"    {line}" for line in task.prompt.strip().splitlines()))


def _summary(suite: Any) -> dict[str, Any]:
    return {
        "name": suite.name,
        "hash": suite.hash,
        "tasks": len(suite.tasks),
        "splits": suite.splits,
    }
