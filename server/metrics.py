"""Metrics: what this process has done, and what it has open now, as Prometheus reads it.

What was done is counted here wherever it happens, for the whole process; what is open is looked at
when somebody asks.
"""

from collections.abc import Callable, Mapping
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/metrics"

_LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

operations = Counter(
    "dailies_operations", "Operations that were executed, or begun to be followed.",
    ("kind", "outcome"),
)  # fmt: skip
lag = Histogram(
    "dailies_feed_lag_seconds",
    "From a transaction's commit until it was passed on to those who were following by then.",
    buckets=_LAGS,
)
events = Counter("dailies_events", "Events that were executed, once for all alike.", ("kind",))
deliveries = Counter("dailies_deliveries", "Answers that were passed on to subscribers.")
gaps = Counter("dailies_gaps", "Subscribers who were dropped answers of, and told so.", ("where",))
retries = Counter("dailies_event_retries", "Events that had to wait for the database.")
polls = Counter("dailies_feed_polls", "Looks into the feed, by what they were for.", ("cause",))
doorbells = Counter("dailies_doorbells", "Doorbells that were heard, the gateway's own included.")
relayed = Counter("dailies_relayed", "Events that other gateways have read and passed on here.")

Look = Callable[[], float]


# Looking a counter up by its labels takes longer than counting.
executed = cache(operations.labels)
looked = cache(polls.labels)
told = cache(events.labels)


def route(gauges: Mapping[str, tuple[str, Look]]) -> Route:
    """Where all of it is told; each gauge has a name, a meaning, and is looked at when asked."""
    registry = CollectorRegistry()
    for name, (meaning, look) in gauges.items():
        Gauge(f"dailies_{name}", meaning, registry=registry).set_function(look)

    async def tell(_: Request) -> Response:
        text = generate_latest(REGISTRY) + generate_latest(registry)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    return Route(PATH, tell, methods=["GET"])
