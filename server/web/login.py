"""The way in for clerks and managers: the passcode of their role."""

from __future__ import annotations

import math
from typing import cast
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from protocol.messages import Language, Text
from server.web import session
from server.web.plain_page import both, page
from server.web.served_site import Role, Site
from server.web.tries import Tries

HOME: dict[Role, str] = {"clerk": "/clerk", "manager": "/manager"}
LARGEST_FORM = 4096

_TITLE = Text(zh="工作人员登录", en="Staff")
_WRONG = Text(zh="口令不对，请再试一次。", en="This is not the passcode. Please try again.")
_NONE = Text(
    zh="还没有设置口令。请技术人员运行 jiaohao-admin passcode。",
    en="No passcode has been made yet: run jiaohao-admin passcode.",
)
_ROLES: dict[Role, Text] = {"clerk": Text(zh="窗口人员", en="Clerk"), "manager": Text(zh="管理者", en="Manager")}


def router(site: Site) -> APIRouter:
    """Return the routes for coming and going, and for choosing a language."""
    routes = APIRouter(include_in_schema=False)
    tries = Tries()

    @routes.get("/login")
    async def show(request: Request) -> Response:
        role = session.role_of(request.session, site)
        asked = request.query_params.get("role")
        return _form(chosen="manager" if asked == "manager" else role or "clerk")

    @routes.post("/login")
    async def enter(request: Request) -> Response:
        form = await _read(request)
        role = cast("Role", form.get("role"))
        if role not in session.ROLES:
            return _form(status=400)
        address = request.client.host if request.client else ""
        return await _enter(request, site, tries, role=role, passcode=form.get("passcode", ""), address=address)

    @routes.get("/logout")
    async def leave(request: Request) -> Response:
        session.leave(request)
        return _to("/login")

    @routes.get("/language/{language}")
    async def choose_language(language: Language, request: Request, to: str = "") -> Response:
        request.session["language"] = language.value
        return _to(to if to in HOME.values() else "/login")

    return routes


async def _enter(request: Request, site: Site, tries: Tries, *, role: Role, passcode: str, address: str) -> Response:
    now = site.now().mono_s
    wait = tries.wait_s(address, at=now)
    if wait > 0:
        return _form(_too_many(wait), chosen=role, status=429)
    if site.pass_stamp(role) is None:
        return _form(_NONE, chosen=role, status=403)
    tries.count(address, at=now)
    if not await site.may_enter(role, passcode):
        return _form(_WRONG, chosen=role, status=403)
    tries.forgive(address)
    session.enter(request, site, role)
    return _to(HOME[role])


def _too_many(wait_s: float) -> Text:
    seconds = math.ceil(wait_s)
    return Text(zh=f"错误次数太多，请 {seconds} 秒后再试。", en=f"Too many wrong tries. Please wait {seconds} seconds.")


async def _read(request: Request) -> dict[str, str]:
    """Return the form's fields; nothing from a body larger than any form."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", errors="replace")).items()}


def _form(wrong: Text | None = None, *, chosen: Role = "clerk", status: int = 200) -> HTMLResponse:
    choices = "".join(
        f'<label><input type="radio" name="role" value="{role}"{" checked" if role == chosen else ""}> '
        f"{name.zh} {name.en}</label>"
        for role, name in _ROLES.items()
    )
    said = f'<p class="wrong" role="alert">{both(wrong, Language.ZH)}</p>' if wrong else ""
    body = (
        f'<h1>{both(_TITLE, Language.ZH)}</h1><form method="post" action="/login">{choices}'
        '<label for="passcode">口令 Passcode</label><input type="password" id="passcode" name="passcode" '
        f'inputmode="numeric" autocomplete="current-password" required autofocus>{said}'
        '<button type="submit">登录 Enter</button></form>'
    )
    return page(body, title=_TITLE.zh, language=Language.ZH, status=status)


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
