"""Landings: a lost connection's socket is let go of before anybody is given its number."""

import asyncio
import os
import socket

import pytest

from db.landing import Landing


async def test_whoever_is_given_the_number_of_a_lost_socket_goes_on_hearing() -> None:
    lost, far = socket.socketpair()
    number = lost.fileno()
    landing = Landing(number)
    landing.reads(lambda _: None)
    # So does libpq, in the middle of reading.
    lost.close()
    landing.land(OSError("lost"))
    mine, theirs = socket.socketpair()
    given = mine.detach()
    os.dup2(given, number)
    if given != number:
        os.close(given)
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(number, heard.set)
    try:
        with pytest.raises(OSError, match="lost"):
            await landing.landed()
        landing.leave()
        theirs.send(b"x")
        await asyncio.wait_for(heard.wait(), 10)
    finally:
        loop.remove_reader(number)
        os.close(number)
        for each in (far, theirs):
            each.close()
