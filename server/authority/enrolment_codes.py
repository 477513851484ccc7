"""One-time codes of a hub or a county, in ``codes.json``: only hashes are kept, and they survive a restart.

Four characters of a code select it, the others are checked: who guesses wrongly ends the code that he selected, and
nobody else's. The hash is slow (scrypt), because a code is short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from protocol.enrolment_code import EnrolmentCode, new_code
from protocol.vocabulary import DeviceKind, Identifier, WindowId
from server.auth.key_file import KeyFile, hash_passcode, matches_passcode

VALID_FOR = timedelta(minutes=15)
WRONG_SECRETS = 5
"""Number of wrong secrets that end a code."""
KEPT_FOR = timedelta(days=1)
"""Time for which a code that is over is kept, so that its user is answered why."""


class Enrollee(BaseModel):
    """Whom a code is for: a device with its kind and the windows of a panel; at the county a site."""

    model_config = ConfigDict(frozen=True)

    name: Identifier
    kind: DeviceKind | None = None
    """None of a site."""
    windows: tuple[WindowId, ...] = ()


class StoredCode(BaseModel):
    """A code that was shown, as a hash."""

    model_config = ConfigDict(frozen=True)

    enrollee: Enrollee
    secret: str
    shown: datetime
    wrong: int = 0
    """Number of wrong secrets that were tried."""
    used: bool = False

    def fault(self, now: datetime) -> CodeFault | None:
        """Return why the code is not good any more. A clock that was set back ends it too."""
        if self.used:
            return CodeFault.USED
        if self.wrong >= WRONG_SECRETS:
            return CodeFault.TRIED_TOO_OFTEN
        return None if timedelta() <= now - self.shown < VALID_FOR else CodeFault.EXPIRED


class StoredCodes(BaseModel):
    """All that ``codes.json`` holds, by selector."""

    model_config = ConfigDict(frozen=True)

    codes: Mapping[str, StoredCode] = {}


class CodeFault(Enum):
    """Why a code enrols nobody."""

    WRONG = auto()
    FOR_ANOTHER = auto()
    EXPIRED = auto()
    USED = auto()
    TRIED_TOO_OFTEN = auto()


class CodeRefused(Exception):
    """A code enrols nobody."""

    def __init__(self, fault: CodeFault) -> None:
        super().__init__(fault.name)
        self.fault = fault


class EnrolmentCodes:
    """The codes of a hub. Several processes may use the file; all methods raise AccessFault and OSError."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file = KeyFile(folder / "codes.json", StoredCodes)
        self._now = now

    def issue(self, enrollee: Enrollee, *, authority: bytes) -> EnrolmentCode:
        """Return a new code for an enrollee, which ends its former one; only the returned value is ever shown."""
        now = self._now()
        with self._file.locked() as current:
            kept = {
                selector: stored
                for selector, stored in current.codes.items()
                if stored.enrollee.name != enrollee.name and abs(now - stored.shown) < VALID_FOR + KEPT_FOR
            }
            code = _unlike(kept, authority)
            new = StoredCode(enrollee=enrollee, secret=hash_passcode(code.secret), shown=now)
            self._file.write(StoredCodes(codes={**kept, code.selector: new}))
        return code

    def redeem(self, secret: str, fits: Callable[[Enrollee], bool]) -> Enrollee:
        """Use a code up and return whom it is for; when he does not fit, the code stays good.

        Takes about 50 ms. Raises CodeRefused.
        """
        selector = EnrolmentCode(secret, "").selector
        with self._file.locked() as current:
            stored = current.codes.get(selector)
            if stored is None:
                raise CodeRefused(CodeFault.WRONG)
            if stored.wrong >= WRONG_SECRETS:
                raise CodeRefused(CodeFault.TRIED_TOO_OFTEN)
            if not matches_passcode(stored.secret, secret):
                self._replace(current, selector, stored.model_copy(update={"wrong": stored.wrong + 1}))
                raise CodeRefused(CodeFault.WRONG)
            if fault := stored.fault(self._now()):
                raise CodeRefused(fault)
            if not fits(stored.enrollee):
                raise CodeRefused(CodeFault.FOR_ANOTHER)
            self._replace(current, selector, stored.model_copy(update={"used": True}))
        return stored.enrollee

    def fault_of(self, name: str) -> CodeFault | None:
        """Return why the newest code for somebody is not good any more; None while it is."""
        for stored in self._file.read().codes.values():
            if stored.enrollee.name == name:
                return stored.fault(self._now())
        return CodeFault.EXPIRED

    def _replace(self, current: StoredCodes, selector: str, stored: StoredCode) -> None:
        self._file.write(StoredCodes(codes={**current.codes, selector: stored}))


def _unlike(kept: Mapping[str, StoredCode], authority: bytes) -> EnrolmentCode:
    """Return a new code with a selector that no other one has."""
    while (code := new_code(authority)).selector in kept:
        continue
    return code


def code_text(code: EnrolmentCode) -> str:
    """Return what a command prints of a new code."""
    minutes = VALID_FOR.seconds // 60
    return f"{code.shown()}\n{minutes} 分钟内有效，只能用一次 / good for {minutes} minutes, once"
