"""A gateway that stops tells those who follow where to go on, and closes what they follow by."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests import gateways
from tests.studio import Studio
from tests.talking import PROJECT, following
from tests.test_streams import reading


async def test_whoever_follows_is_sent_their_cursor_and_then_away(
    gateway_url: str, tmp_path: Path, studio: Studio
) -> None:
    user = studio.user()
    project = studio.project(user)
    asked = {"query": PROJECT, "variables": {"id": project}}
    with gateways.running(gateway_url, tmp_path) as gateway:
        async with (
            following(gateway.address, gateway.token(user), PROJECT, id=project) as talk,
            reading(gateway, user, json=asked) as stream,
        ):
            await stream.told("READY")
            studio.shot(project)
            last, same = await talk.event(), await stream.told()
            gateway.process.send_signal(signal.SIGTERM)
            assert (await talk.event("HEARTBEAT"))["cursor"] == last["cursor"]
            assert (await stream.told("HEARTBEAT"))["cursor"] == same["cursor"]
            assert await talk.closed() == 1001
            with pytest.raises(EOFError):
                await stream.event()
        assert await asyncio.to_thread(gateway.process.wait, 20) == 0
