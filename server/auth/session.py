"""The session of a browser: a role in a signed cookie, which ends with the day's work or with a new passcode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from fastapi import Request

from protocol.vocabulary import Language
from server.auth.login_service import LoginService, Role

LASTS_S = 12 * 3600
"""Lifetime of a session, seconds."""
ROLES: tuple[Role, ...] = get_args(Role)


def log_in(request: Request, service: LoginService, role: Role) -> None:
    """Record in the session that the role's passcode was right."""
    request.session.update(role=role, stamp=service.passcode_stamp(role))


def log_out(request: Request) -> None:
    """Remove role and window from the session; the language stays."""
    for name in ("role", "stamp", "window"):
        request.session.pop(name, None)


def role_of(session: Mapping[str, Any], service: LoginService) -> Role | None:
    """Return the role that logged in; None when nobody did, or when the role's passcode is a new one since then."""
    role, stamp = session.get("role"), session.get("stamp")
    if role not in ROLES or stamp is None or stamp != service.passcode_stamp(cast("Role", role)):
        return None
    return cast("Role", role)


def language_of(session: Mapping[str, Any]) -> Language:
    """Return the language chosen in this browser, Chinese by default."""
    return Language.EN if session.get("language") == Language.EN else Language.ZH
