"""Roles of people, and what asks them for a passcode."""

from __future__ import annotations

from typing import Literal, Protocol

from protocol.journal import Moment

Role = Literal["clerk", "manager"]


class LoginService(Protocol):
    """What asks people for a passcode: a hub, or the county."""

    def now(self) -> Moment:
        """Return the moment by the server's clock."""

    def pass_stamp(self, role: Role) -> str | None:
        """Return a mark that changes with a role's passcode; None while it has none."""

    async def may_enter(self, role: Role, passcode: str) -> bool:
        """Whether a passcode is that role's."""
