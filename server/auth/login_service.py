"""Roles of people, and the service that checks their passcodes."""

from __future__ import annotations

from typing import Literal, Protocol

from protocol.journal import Moment

Role = Literal["clerk", "manager"]


class LoginService(Protocol):
    """Interface of a server that a login page needs; hub and county implement it."""

    def now(self) -> Moment:
        """Return the moment by the server's clock."""

    def passcode_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode; None while it has none."""

    async def is_passcode(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's."""
