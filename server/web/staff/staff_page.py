"""A page of the staff: it may take its time on a busy machine, and says in plain words when it cannot be shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from html import escape
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from protocol.vocabulary import Text
from server.auth import session
from server.web.visitor.plain_page import both, page

log = logging.getLogger(__name__)

PATIENCE_S = 30.0
"""Somebody who still waits after so long is told."""
LONGER = 2
"""NiceGUI's own patience must be longer: its words are English alone."""

Build = Callable[..., Awaitable[Response | None]]

_SORRY = Text(zh="这个页面现在显示不了", en="This page cannot be shown now")
_WHAT_TO_DO = Text(
    zh="请过一会儿再试。还是不行，请告诉技术人员。",
    en="Please try again in a moment. If it stays so, please tell a technician.",
)
_AGAIN = Text(zh="再试一次", en="Try again")


def staff_page(path: str, *, title: str, patience_s: float = PATIENCE_S) -> Callable[[Build], Build]:
    """Offer what is built as a page. What goes wrong meanwhile is logged, and told in both languages."""

    def offer(build: Build) -> Build:
        @wraps(build)
        async def shown(request: Request, **asked: Any) -> Response | None:  # noqa: ANN401 - parts of the address
            try:
                async with asyncio.timeout(patience_s):
                    return await build(request=request, **asked)
            except Exception:
                log.exception("the page %s could not be shown", path)
                return _sorry(request)

        return ui.page(path, title=title, response_timeout=patience_s * LONGER)(shown)

    return offer


def _sorry(request: Request) -> Response:
    language = session.language_of(request.session)
    address = escape(request.url.path)
    return page(
        f"<h1>{both(_SORRY, language)}</h1><p>{both(_WHAT_TO_DO, language)}</p>"
        f'<a class="key" href="{address}">{both(_AGAIN, language)}</a>',
        title=_SORRY.in_language(language),
        language=language,
        status=500,
    )
