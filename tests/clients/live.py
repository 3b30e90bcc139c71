"""Plays somebody who follows a project with Python's gql; prints what they hear.

python live.py < {"address", "token", "project", "live", …}
"""

import asyncio
import json
import sys
from contextlib import suppress

from gql import Client, gql
from gql.transport.exceptions import TransportConnectionFailed
from gql.transport.websockets import WebsocketsTransport

PAUSE = 0.1


async def follow(address: str, token: str, project: str, live: str, **_: str) -> None:
    """Follow, and go on after the last event whenever the connection is lost."""
    variables = {"projectId": project}
    while True:
        transport = WebsocketsTransport(
            url=f"{address.replace('http', 'ws', 1)}/graphql",
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            init_payload={"authorization": f"Bearer {token}"},
        )
        with suppress(TransportConnectionFailed, OSError):
            async with Client(transport=transport) as session:
                asked = gql(live)
                asked.variable_values = variables
                async for told in session.subscribe(asked):
                    event = told["projectChanges"]
                    variables["after"] = event["cursor"]
                    sys.stdout.write(f"{json.dumps(event)}\n")
                    sys.stdout.flush()
        await asyncio.sleep(PAUSE)


asyncio.run(follow(**json.load(sys.stdin)))
