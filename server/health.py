"""Health: whether the process lives, and whether it can answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse

logger = logging.getLogger("dailies.health")

_PATIENCE_SECONDS = 2.0


def routes(reach: Callable[[], Awaitable[object]]) -> APIRouter:
    """`/health/live` and `/health/ready`; `reach` fails when the database does not answer."""
    router = APIRouter(prefix="/health", include_in_schema=False)

    @router.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "live"})

    @router.get("/ready")
    async def ready() -> JSONResponse:
        try:
            await asyncio.wait_for(reach(), _PATIENCE_SECONDS)
        except Exception as error:
            logger.warning("Not ready: %r", error)
            return JSONResponse({"status": "unavailable"}, 503)
        return JSONResponse({"status": "ready"})

    return router
