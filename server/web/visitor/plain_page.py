"""A page that any phone can show: plain HTML with its style inside, nothing loaded from elsewhere.

A page that renews itself has one small script, so that it stays on the phone while the hub is away and says so. On a
phone without scripts the browser loads it again.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import HTMLResponse

from protocol import theme
from protocol.vocabulary import Language, Text
from server.web.templates import render

LARGEST_FORM = 4096
"""Size of the largest form that is read, bytes."""
FONTS = '"Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif'
"""Font families of all pages, as the value of a CSS property."""

_AWAY = Text(
    zh="联系不上服务器，下面可能已不是最新情况。号码仍然有效，请留意大屏和广播。",
    en="The server cannot be reached; what stands below may be old. Your number stays valid: please watch the screen.",
)


@cache
def headers() -> dict[str, str]:
    """Return the headers of every page: of scripts it may run the one that renews it, and no other."""
    script = b64encode(sha256(render("visitor/renew.js").encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        f"script-src 'sha256-{script}'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    }


def page(
    template: str,
    *,
    title: str,
    language: Language,
    status: int = 200,
    refresh_s: int | None = None,
    next_address: str | None = None,
    **values: object,
) -> HTMLResponse:
    """Return a whole page from a template that extends ``visitor/page.html``; ``values`` are those of the template.

    The page renews itself after ``refresh_s`` seconds, or goes on to ``next_address`` then.
    """
    html = render(
        template,
        title=title,
        language=language,
        refresh_s=refresh_s,
        next_address=next_address,
        away=_AWAY,
        theme=theme,
        fonts=FONTS,
        **values,
    )
    return HTMLResponse(html, status_code=status, headers=headers())


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the first value of each; an empty dictionary when the body is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", errors="replace")).items()}
