"""A page of the staff: it may take long on a busy machine, and shows in plain words when it cannot be built."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from protocol.vocabulary import Text
from runtime.fault_log import FaultLog
from server.auth import session
from server.store.faults import StoreFault
from server.web.visitor.plain_page import page

log = logging.getLogger(__name__)

BUILD_LIMIT_S = 30.0
"""Time limit for building a page, seconds; after it the visitor of the page is shown that it failed."""
NICEGUI_FACTOR = 2
"""Factor by which NiceGUI's own time limit is longer: its message is in English alone."""

Build = Callable[..., Awaitable[Response | None]]

_FAILED = Text(zh="这个页面现在显示不了", en="This page cannot be shown now")
_WHAT_TO_DO = Text(
    zh="请过一会儿再试。还是不行，请告诉技术人员。",
    en="Please try again in a moment. If it stays so, please tell a technician.",
)
_AGAIN = Text(zh="再试一次", en="Try again")


def staff_page(path: str, *, title: str, limit_s: float = BUILD_LIMIT_S) -> Callable[[Build], Build]:
    """Register what is built as a page. A failure is logged, and shown on a page in both languages."""
    fault = FaultLog(log, Text(zh=f"页面 {path} 显示不了", en=f"page {path} cannot be built"), level=logging.ERROR)

    def register(build: Build) -> Build:
        @wraps(build)
        async def show(request: Request, **parameters: Any) -> Response | None:  # noqa: ANN401 - parts of the address
            try:
                async with asyncio.timeout(limit_s):
                    built = await build(request=request, **parameters)
            except (StoreFault, TimeoutError) as error:
                fault.began(error)
                return _failure_page(request)
            except Exception as error:  # noqa: BLE001 - logged with its traceback
                fault.began(repr(error), defect=error)
                return _failure_page(request)
            fault.ended()
            return built

        return ui.page(path, title=title, response_timeout=limit_s * NICEGUI_FACTOR)(show)

    return register


def _failure_page(request: Request) -> Response:
    language = session.language_of(request.session)
    return page(
        "visitor/message.html",
        title=_FAILED.in_language(language),
        language=language,
        status=500,
        heading=_FAILED,
        text=_WHAT_TO_DO,
        again=_AGAIN,
        address=request.url.path,
    )
