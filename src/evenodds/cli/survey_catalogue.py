"""`evenodds survey catalogue WHERE`: which models there are, at what price, and which to ask."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenodds.cli.models import (
    KEY_ENV,
    ConcurrencyOption,
    EndpointOption,
    KeyOption,
    TimeoutOption,
)
from evenodds.cli.survey_options import PriceInOption, PriceOutOption, prices_of

if TYPE_CHECKING:
    from evenodds.errors import EvenoddsError
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.model_info import ModelInfo

Several = list[str] | None


def _option(*names: str, text: str) -> Any:
    return typer.Option(*names, help=text)


def catalogue(
    where: Annotated[
        list[str],
        typer.Argument(help="Base URLs of APIs, saved catalogues, lists of ids; several are one."),
    ],
    *,
    organisation: Annotated[
        Several, _option("--organisation", "--org", text="Only models of this one. Repeatable.")
    ] = None,
    not_organisation: Annotated[
        Several, _option("--not-organisation", "--not-org", text="No model of this one.")
    ] = None,
    input_price: Annotated[
        float | None, typer.Option(min=0, help="At most so many $ a million tokens of prompt.")
    ] = None,
    output_price: Annotated[
        float | None, typer.Option(min=0, help="At most so many $ a million tokens of reply.")
    ] = None,
    request_price: Annotated[
        float | None, typer.Option(min=0, help="At most so many $ a request, besides tokens.")
    ] = None,
    supports: Annotated[
        Several, typer.Option(help="Request parameter that is listed, such as seed. Repeatable.")
    ] = None,
    reads: Annotated[Several, typer.Option(help="Input modality, besides text: image.")] = None,
    writes: Annotated[Several, typer.Option(help="Output modality, besides text.")] = None,
    context: Annotated[int | None, typer.Option(help="At least so many tokens.")] = None,
    match: Annotated[
        str | None, typer.Option(help="Regular expression that an id contains.")
    ] = None,
    without: Annotated[
        str | None, typer.Option(help="Regular expression that no id contains.")
    ] = None,
    skip: Annotated[
        Path | None, typer.Option(help="YAML list of models to leave out, beside the usual 20.")
    ] = None,
    only_skip: Annotated[
        Path | None, typer.Option(help="YAML list of models to leave out, instead of the usual.")
    ] = None,
    covariates: Annotated[
        Path | None,
        typer.Option(help="CSV or YAML of covariates: it goes first; ? takes back what is known."),
    ] = None,
    ask: Annotated[
        str | None, typer.Option(help="Ask this model of the API for covariates nobody knows.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="Dollars that --ask may cost at most.")
    ] = None,
    endpoint: EndpointOption = None,
    price_in: PriceInOption = None,
    price_out: PriceOutOption = None,
    kept: Annotated[Path | None, typer.Option(help="File that keeps what --ask paid for.")] = None,
    edit: Annotated[
        Path | None, typer.Option(help="Write the covariates as CSV, to edit by hand.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Write the catalogue to this file.")] = None,
    show_all: Annotated[bool, typer.Option("--all", help="List every model.")] = False,
    dropped: Annotated[bool, typer.Option(help="List who is left out, and why.")] = False,
    key_env: KeyOption = KEY_ENV,
    timeout: TimeoutOption = 60.0,
    concurrency: ConcurrencyOption = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List, filter and save the models that a survey could ask."""
    from evenodds.report.catalogue import catalogue_lines, dropped_lines
    from evenodds.survey.catalogue import Catalogue
    from evenodds.survey.covariates import with_covariates, write_covariates
    from evenodds.survey.filters import Filter, filtered
    from evenodds.survey.skip import default_skips, read_skips

    wanted = Filter(
        organisations=frozenset(organisation or ()),
        not_organisations=frozenset(not_organisation or ()),
        input_price=input_price,
        output_price=output_price,
        request_price=request_price,
        inputs=frozenset({"text", *(reads or ())}),
        outputs=frozenset({"text", *(writes or ())}),
        supports=frozenset(supports or ()),
        context=context,
        match=match,
        without=without,
    )
    live = any("://" in each for each in where)  # a list of one's own is asked whole
    skips = read_skips(only_skip) if only_skip else default_skips() if live else ()
    skips += read_skips(skip) if skip else ()
    prices = prices_of(price_in, price_out)
    _writable(edit, save, kept)
    parts = [Catalogue.load(each, key_env=key_env, timeout=timeout) for each in where]
    whole = Catalogue.merged(parts)
    whole = whole if prices is None else whole.priced(prices)
    found = filtered(whole, wanted, skips)
    found = found if covariates is None else with_covariates(found, covariates)
    ended = None
    if ask is not None:
        options = {"key_env": key_env, "timeout": timeout, "concurrency": concurrency}
        url = endpoint or found.source
        found, ended = _asked(found, whole.model(ask), url, (budget, kept), options)
    if edit is not None:
        write_covariates(found.models, edit)
    if save is not None:
        found.save(save)
    many = len(found.models) if show_all else 20
    if as_json:
        print(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
    else:
        print("\n".join(dropped_lines(found) if dropped else catalogue_lines(found, many)))
    if ended is not None:
        raise ended


def _writable(*paths: Path | None) -> None:
    """Refuse, before anything is paid, places where no file can be written (RunError)."""
    import os

    from evenodds.errors import RunError

    for path in filter(None, paths):
        folder = next(each for each in path.absolute().parents if each.exists())
        if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise RunError(f"{path} cannot be written: name a file in a folder of yours.")


def _asked(
    found: "Catalogue",
    asked: "ModelInfo",
    url: str,
    purse_and_place: tuple[float | None, Path | None],
    options: dict[str, Any],
) -> "tuple[Catalogue, EvenoddsError | None]":
    """The catalogue with what a model says of the others, within a budget; why it broke off."""
    import sys

    from evenodds.errors import BudgetError
    from evenodds.ledger import Budget
    from evenodds.models.base import Streamer
    from evenodds.models.endpoint_paid import PaidEndpoint, Prices
    from evenodds.models.kept import Kept
    from evenodds.survey.ask_covariates import COVARIATES_SCHEMA, ask_covariates, filled

    dollars, kept = purse_and_place
    if "://" not in url:
        raise BudgetError("--ask needs an API: name its URL with --endpoint, or as WHERE.")
    ask, paid = asked.id, asked.prices
    if dollars is None:
        raise BudgetError("--ask costs money: say with --budget how many dollars at most.")
    if paid.prompt is None or paid.completion is None:
        raise BudgetError(
            f"No price is known of {ask}: give --price-in and --price-out, or ask another model."
        )
    purse = Budget(dollars, path=None if kept is None else kept.with_suffix(".budget.jsonl"))
    prices = Prices(paid.prompt * 1e6, paid.completion * 1e6)
    author: Any = PaidEndpoint(
        ask, url, budget=purse, prices=prices, schema=COVARIATES_SCHEMA, **options
    )
    author = author if kept is None else Kept(author, kept)
    assert isinstance(author, Streamer)
    said = ask_covariates(author, found.models, concurrency=options["concurrency"])
    print(
        f"asked {ask} about {len(said.covariates)} of {len(found.models)} models for "
        f"${purse.settled:.4f}; {len(said.unread)} answers could not be read",
        file=sys.stderr,
    )
    return found.with_models(filled(found.models, said.covariates)), said.ended
