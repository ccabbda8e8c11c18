"""`python -m evenodds.survey.market SETUP`: a market in a process of its own.

Prints the port, and ends when its standard input does: with the process that started it, however
that one ends.
"""

import asyncio
import gc
import json
import sys

from evenodds.survey.market.exchange import Exchange
from evenodds.survey.market.server import served
from evenodds.survey.market.setup import Setup


async def _serve(setup: Setup) -> None:
    server = await served(Exchange(setup))
    print(server.sockets[0].getsockname()[1], flush=True)
    gc.collect()
    gc.freeze()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Setup(**json.loads(sys.argv[1]))))
