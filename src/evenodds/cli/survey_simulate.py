"""`evenodds survey simulate`: a market of simulated models, to try a survey out offline."""

from typing import Annotated

import typer


def simulate(
    *,
    models: Annotated[int, typer.Option(min=1, help="How many; the article's 40 are first.")] = 240,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another market.")] = 0,
    faults: Annotated[
        str, typer.Option(help="none, few, many, or changed: few,stall=0.1,reset=0.")
    ] = "few",
    latency: Annotated[float, typer.Option(min=0, help="Seconds that a reply takes.")] = 0.3,
    jitter: Annotated[
        float, typer.Option(min=0, max=1, help="How much latencies differ; 0: not at all.")
    ] = 0.3,
    dead: Annotated[int, typer.Option(min=0, help="So many models never answer.")] = 1,
    limited: Annotated[
        float, typer.Option(min=0, max=1, help="Share of models that take few calls a second.")
    ] = 0.05,
    quirks: Annotated[
        bool, typer.Option(help="Whether models like places and words, or are greedy.")
    ] = True,
    stall: Annotated[float, typer.Option(help="Seconds that a stalled reply hangs.")] = 600.0,
    port: Annotated[int, typer.Option(help="Port on this machine; 0: any that is free.")] = 8765,
) -> None:
    """Serve simulated models whose true biases are known, until Ctrl-C.

    Point any OpenAI-compatible client at the URL that is printed. GET /truth tells what the
    models really are and what was billed.
    """
    import asyncio

    from evenodds.survey.market.exchange import Exchange
    from evenodds.survey.market.server import serving
    from evenodds.survey.market.setup import Setup

    exchange = Exchange(
        Setup(
            models=models,
            seed=seed,
            faults=faults,
            latency=latency,
            jitter=jitter,
            quirks=quirks,
            dead=dead,
            limited=limited,
            stall=stall,
            port=port,
        )
    )

    def tell(there: int) -> None:
        url = f"http://127.0.0.1:{there}/v1"
        print(f"{models} simulated models at {url}   (Ctrl-C ends it)")
        print(f"  evenodds survey catalogue {url}")
        print(f"  curl {url}/truth   what they are, and what was billed", flush=True)

    try:
        asyncio.run(serving(exchange, tell))
    except KeyboardInterrupt:
        calls = sum(account.calls for account in exchange.bill.accounts.values())
        print(f"\n{calls:,} calls, ${exchange.bill.dollars:.4f} billed")
