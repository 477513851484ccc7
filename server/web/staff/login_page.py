"""The login page of clerks and managers: the passcode of their role."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast
from unicodedata import normalize

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from protocol.vocabulary import Language, Text
from server.auth import session
from server.auth.login_service import LoginService, Role
from server.auth.throttle import LoginThrottle
from server.web.visitor.plain_page import page, read_form

HOME: Mapping[Role, str] = MappingProxyType({"clerk": "/clerk", "manager": "/manager"})
"""Roles that may enter a hub's pages -> address of the page that each is led to."""

_TITLE = Text(zh="工作人员登录", en="Staff")
_WRONG = Text(zh="口令不对，请再试一次。", en="This is not the passcode. Please try again.")
_PASSCODE = Text(zh="口令", en="Passcode")
_ENTER = Text(zh="登录", en="Enter")
_ROLES: Mapping[Role, Text] = MappingProxyType(
    {"clerk": Text(zh="窗口人员", en="Clerk"), "manager": Text(zh="管理者", en="Manager")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTarget:
    """Configuration of a login: the service that checks passcodes, each role's page, the passcode command."""

    service: LoginService
    homes: Mapping[Role, str]
    command: str
    """Name of the program whose command ``passcode`` sets a passcode."""

    def leads_to(self, path: str) -> bool:
        """Whether a path is one of the pages behind the login."""
        return any(path == home or path.startswith(f"{home}/") for home in self.homes.values())


def router(target: LoginTarget) -> APIRouter:
    """Return the routes that log in, log out and choose a language."""
    routes = APIRouter(include_in_schema=False)
    throttle = LoginThrottle()

    @routes.get("/login")
    async def show(request: Request) -> Response:
        role = session.role_of(request.session, target.service)
        wanted = request.query_params.get("role")
        return _form(target, chosen="manager" if wanted == "manager" else role or "clerk")

    @routes.post("/login")
    async def log_in(request: Request) -> Response:
        form = await read_form(request)
        role = cast("Role", form.get("role"))
        if role not in target.homes:
            return _form(target, status=400)
        passcode = _as_printed(form.get("passcode", ""))
        return await _check_passcode(request, target, throttle, role=role, passcode=passcode)

    @routes.get("/logout")
    async def log_out(request: Request) -> Response:
        session.log_out(request)
        return _redirect("/login")

    @routes.get("/language/{language}")
    async def choose_language(language: Language, request: Request, to: str = "") -> Response:
        request.session["language"] = language.value
        return _redirect(to if target.leads_to(to) else "/login")

    return routes


async def _check_passcode(
    request: Request, target: LoginTarget, throttle: LoginThrottle, *, role: Role, passcode: str
) -> Response:
    service, address = target.service, request.client.host if request.client else ""
    now = service.now().mono_s
    wait_s = throttle.wait_s(address, at=now)
    if wait_s > 0:
        return _form(target, _too_many_tries(wait_s), chosen=role, status=429)
    if service.passcode_stamp(role) is None:
        return _form(target, _no_passcode(target.command), chosen=role, status=403)
    throttle.count(address, at=now)
    if not await service.is_passcode(role, passcode):
        return _form(target, _WRONG, chosen=role, status=403)
    throttle.forgive(address)
    session.log_in(request, service, role)
    return _redirect(target.homes[role])


def _as_printed(typed: str) -> str:
    """Return a passcode without what an input method or a copied line adds: full-width digits and blanks."""
    return normalize("NFKC", typed).strip()


def _no_passcode(command: str) -> Text:
    return Text(
        zh=f"还没有设置口令。请技术人员运行 {command} passcode。",
        en=f"No passcode has been made yet: run {command} passcode.",
    )


def _too_many_tries(wait_s: float) -> Text:
    seconds = math.ceil(wait_s)
    return Text(zh=f"错误次数太多，请 {seconds} 秒后再试。", en=f"Too many wrong tries. Please wait {seconds} seconds.")


def _form(
    target: LoginTarget, refusal: Text | None = None, *, chosen: Role = "clerk", status: int = 200
) -> HTMLResponse:
    return page(
        "staff/login.html",
        title=_TITLE.zh,
        language=Language.ZH,
        status=status,
        heading=_TITLE,
        roles={role: _ROLES[role] for role in target.homes},
        chosen=chosen if chosen in target.homes else next(iter(target.homes)),
        passcode=_PASSCODE,
        enter=_ENTER,
        refusal=refusal,
    )


def _redirect(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
