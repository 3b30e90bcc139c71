"""Load: requests sent one after another over some connections, by wrk or by ourselves."""

import asyncio
import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

_SCRIPT = """
local bodies, turn = {%s}, 0
wrk.method = "POST"
wrk.headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer %s"}
request = function()
  turn = turn %% #bodies + 1
  return wrk.format(nil, nil, nil, bodies[turn])
end
done = function(summary, latency)
  local bad, shown = summary.errors, '"requests": %%d, "seconds": %%f, "p50": %%f, "p99": %%f'
  io.write(string.format("\\n{" .. shown .. ', "failed": %%d}\\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    bad.status + bad.connect + bad.read + bad.write + bad.timeout))
end
"""


@dataclass(frozen=True)
class Round:
    """What came of some seconds of load; times are in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int


@dataclass(frozen=True)
class Address:
    """Where requests are sent, and in whose name."""

    host: str
    port: int
    token: str


def tool() -> str:
    """What sends the requests."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def send(address: Address, bodies: list[bytes], connections: int, seconds: int) -> Round:
    """Send the bodies in turn for some seconds."""
    if shutil.which("wrk"):
        return _wrk(address, bodies, connections, seconds)
    return asyncio.run(_ourselves(address, bodies, connections, seconds))


def _wrk(address: Address, bodies: list[bytes], connections: int, seconds: int) -> Round:
    quoted = ", ".join(f"[==[{body.decode()}]==]" for body in bodies)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(_SCRIPT % (quoted, address.token))
        url = f"http://{address.host}:{address.port}/graphql"
        options = ("-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s")
        command = ("wrk", *options, "-s", str(script), url)
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Round(**json.loads(shown.strip().splitlines()[-1]))


async def _ourselves(
    address: Address, bodies: list[bytes], connections: int, seconds: int
) -> Round:
    requests = cycle([_request(address, body) for body in bodies])
    times: list[float] = []
    begun = time.perf_counter()
    until = begun + seconds
    asked = (_one_connection(address, requests, until, times) for _ in range(connections))
    failed = sum(await asyncio.gather(*asked))
    passed = time.perf_counter() - begun
    times.sort()
    p50, p99 = (1000 * times[math.ceil(len(times) * share) - 1] for share in (0.5, 0.99))
    return Round(len(times), passed, p50, p99, failed)


async def _one_connection(
    address: Address, requests: Iterator[bytes], until: float, times: list[float]
) -> int:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    failed = 0
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if b"content-length:" in line)
        await reader.readexactly(int(length.split(b":")[1]))
        times.append(time.perf_counter() - begun)
        failed += not head.startswith(b"HTTP/1.1 200")
    writer.close()
    return failed


def _request(address: Address, body: bytes) -> bytes:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {address.host}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {address.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
