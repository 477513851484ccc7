"""The way in for clerks and managers: the passcode of their role."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from protocol.vocabulary import Language, Text
from server.auth import session
from server.auth.login_service import LoginService, Role
from server.auth.throttle import LoginThrottle
from server.web.visitor.plain_page import both, page, read_form

HOME: Mapping[Role, str] = MappingProxyType({"clerk": "/clerk", "manager": "/manager"})
"""Who is let into a hub's pages, and where to."""

_TITLE = Text(zh="工作人员登录", en="Staff")
_WRONG = Text(zh="口令不对，请再试一次。", en="This is not the passcode. Please try again.")
_ROLES: dict[Role, Text] = {"clerk": Text(zh="窗口人员", en="Clerk"), "manager": Text(zh="管理者", en="Manager")}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTarget:
    """A door, who is let in and where to, and the command that makes its passcodes."""

    door: LoginService
    homes: Mapping[Role, str]
    command: str

    def leads_to(self, path: str) -> bool:
        """Whether a path is one of the pages behind the door."""
        return any(path == home or path.startswith(f"{home}/") for home in self.homes.values())


def router(entrance: LoginTarget) -> APIRouter:
    """Return the routes for coming and going, and for choosing a language."""
    routes = APIRouter(include_in_schema=False)
    tries = LoginThrottle()

    @routes.get("/login")
    async def show(request: Request) -> Response:
        role = session.role_of(request.session, entrance.door)
        asked = request.query_params.get("role")
        return _form(entrance, chosen="manager" if asked == "manager" else role or "clerk")

    @routes.post("/login")
    async def enter(request: Request) -> Response:
        form = await read_form(request)
        role = cast("Role", form.get("role"))
        if role not in entrance.homes:
            return _form(entrance, status=400)
        return await _enter(request, entrance, tries, role=role, passcode=form.get("passcode", ""))

    @routes.get("/logout")
    async def leave(request: Request) -> Response:
        session.leave(request)
        return _to("/login")

    @routes.get("/language/{language}")
    async def choose_language(language: Language, request: Request, to: str = "") -> Response:
        request.session["language"] = language.value
        return _to(to if entrance.leads_to(to) else "/login")

    return routes


async def _enter(
    request: Request, entrance: LoginTarget, tries: LoginThrottle, *, role: Role, passcode: str
) -> Response:
    door, address = entrance.door, request.client.host if request.client else ""
    now = door.now().mono_s
    wait = tries.wait_s(address, at=now)
    if wait > 0:
        return _form(entrance, _too_many(wait), chosen=role, status=429)
    if door.passcode_stamp(role) is None:
        return _form(entrance, _none(entrance.command), chosen=role, status=403)
    tries.count(address, at=now)
    if not await door.is_passcode(role, passcode):
        return _form(entrance, _WRONG, chosen=role, status=403)
    tries.forgive(address)
    session.enter(request, door, role)
    return _to(entrance.homes[role])


def _none(command: str) -> Text:
    return Text(
        zh=f"还没有设置口令。请技术人员运行 {command} passcode。",
        en=f"No passcode has been made yet: run {command} passcode.",
    )


def _too_many(wait_s: float) -> Text:
    seconds = math.ceil(wait_s)
    return Text(zh=f"错误次数太多，请 {seconds} 秒后再试。", en=f"Too many wrong tries. Please wait {seconds} seconds.")


def _form(
    entrance: LoginTarget, wrong: Text | None = None, *, chosen: Role = "clerk", status: int = 200
) -> HTMLResponse:
    chosen = chosen if chosen in entrance.homes else next(iter(entrance.homes))
    choices = "".join(
        f'<label><input type="radio" name="role" value="{role}"{" checked" if role == chosen else ""}> '
        f"{_ROLES[role].zh} {_ROLES[role].en}</label>"
        for role in entrance.homes
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
