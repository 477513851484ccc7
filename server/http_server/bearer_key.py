"""Authentication by bearer key, the same at hub and county."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from protocol.vocabulary import Text
from server.http_server.errors import Denied

HolderT = TypeVar("HolderT")


class BearerKey(SecurityBase, Generic[HolderT]):
    """A FastAPI dependency that returns the holder of the request's key; OpenAPI shows that a key is needed.

    ``find`` returns the holder of a key, or None; ``enrol_command`` makes new keys, ``owner`` names who holds one.
    """

    def __init__(self, find: Callable[[Request, str], HolderT | None], *, enrol_command: str, owner: Text) -> None:
        self._find = find
        self._enrol_command = enrol_command
        self._owner = owner
        self.model = HTTPBearer(description=f"the {owner.en}'s key, made by `{enrol_command}`")
        self.scheme_name = "key"

    async def __call__(self, request: Request) -> HolderT:
        """Return the holder of the presented key. Raises Denied: 401 unknown_key."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        holder = self._find(request, key.strip()) if scheme.lower() == "bearer" else None
        if holder is None:
            raise Denied(
                status=401,
                headers={"WWW-Authenticate": "Bearer"},
                error="unknown_key",
                zh=f"没有密钥或密钥已失效，请用 {self._enrol_command} 重新登记本{self._owner.zh}",
                en=f"no key, or one that is not valid; enrol this {self._owner.en} with {self._enrol_command}",
            )
        trust = request.scope.get("state", {}).get("peer_trust")
        if trust is not None:
            trust.note_known()
        return holder
