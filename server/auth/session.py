"""Who sits before the page: a role in a signed cookie, which ends with the day's work or with a new passcode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from fastapi import Request

from protocol.vocabulary import Language
from server.auth.login_service import LoginService, Role

LASTS_S = 12 * 3600
ROLES: tuple[Role, ...] = get_args(Role)


def enter(request: Request, door: LoginService, role: Role) -> None:
    """Remember that the passcode of a role was shown."""
    request.session.update(role=role, stamp=door.passcode_stamp(role))


def leave(request: Request) -> None:
    """Forget who it was; the language stays."""
    for name in ("role", "stamp", "window"):
        request.session.pop(name, None)


def role_of(session: Mapping[str, Any], door: LoginService) -> Role | None:
    """Return the role whose passcode was shown, and is still the passcode."""
    role, stamp = session.get("role"), session.get("stamp")
    if role not in ROLES or stamp is None or stamp != door.passcode_stamp(cast("Role", role)):
        return None
    return cast("Role", role)


def language_of(session: Mapping[str, Any]) -> Language:
    """Return the language chosen in this browser."""
    return Language.EN if session.get("language") == Language.EN else Language.ZH
