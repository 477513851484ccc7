"""One-time codes: each enrols one device, once, in time; guessing ends the code that was guessed at, and no other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from protocol.vocabulary import DeviceKind, WindowId
from server.authority.enrolment_codes import CodeFault, CodeRefused, Enrollee, EnrolmentCodes

NOON = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
AUTHORITY = b"certificate of the hall"
PANEL = Enrollee(name="counter-1", kind=DeviceKind.WINDOW, windows=(WindowId("window-3"), WindowId("window-4")))
KIOSK = Enrollee(name="kiosk-1", kind=DeviceKind.KIOSK)


class MovedTime:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> MovedTime:
    return MovedTime()


@pytest.fixture
def codes(tmp_path: Path, time: MovedTime) -> EnrolmentCodes:
    return EnrolmentCodes(tmp_path, now=time)


def of_kind(kind: DeviceKind | None) -> Callable[[Enrollee], bool]:
    return lambda enrollee: enrollee.kind is kind


def refused(codes: EnrolmentCodes, secret: str, kind: DeviceKind = DeviceKind.KIOSK) -> CodeFault:
    with pytest.raises(CodeRefused) as refusal:
        codes.redeem(secret, of_kind(kind))
    return refusal.value.fault


def changed(secret: str, *, at: int) -> str:
    return secret[:at] + ("7" if secret[at] != "7" else "8") + secret[at + 1 :]


def test_a_code_enrols_the_device_that_it_was_made_for_once(codes: EnrolmentCodes) -> None:
    code = codes.issue(PANEL, authority=AUTHORITY)
    assert code.fits(AUTHORITY)
    assert codes.redeem(code.secret, of_kind(DeviceKind.WINDOW)) == PANEL
    assert refused(codes, code.secret) is CodeFault.USED


def test_a_code_at_a_device_of_another_kind_is_not_used_up(codes: EnrolmentCodes) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    for _ in range(9):
        assert refused(codes, code.secret, DeviceKind.DISPLAY) is CodeFault.FOR_ANOTHER
    assert codes.redeem(code.secret, of_kind(DeviceKind.KIOSK)) == KIOSK


def test_a_code_survives_a_restart_and_only_a_hash_is_kept(codes: EnrolmentCodes, tmp_path: Path) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    kept = (tmp_path / "codes.json").read_text()
    assert not any(part in kept for part in (code.secret, code.secret[4:], code.seal))
    assert (tmp_path / "codes.json").stat().st_mode & 0o077 == 0
    assert EnrolmentCodes(tmp_path, now=lambda: NOON).redeem(code.secret, of_kind(DeviceKind.KIOSK)) == KIOSK


def test_a_code_is_good_for_fifteen_minutes(codes: EnrolmentCodes, time: MovedTime) -> None:
    first, second = (codes.issue(device, authority=AUTHORITY) for device in (KIOSK, PANEL))
    time.now = NOON + timedelta(minutes=14, seconds=59)
    assert codes.redeem(first.secret, of_kind(DeviceKind.KIOSK)) == KIOSK
    time.now = NOON + timedelta(minutes=15)
    assert refused(codes, second.secret) is CodeFault.EXPIRED


def test_a_clock_that_is_set_back_prolongs_no_code(codes: EnrolmentCodes, time: MovedTime) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    time.now = NOON - timedelta(seconds=1)
    assert refused(codes, code.secret) is CodeFault.EXPIRED


def test_five_wrong_secrets_end_a_code_for_its_owner_too(codes: EnrolmentCodes) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    for at in range(4, 9):
        assert refused(codes, changed(code.secret, at=at)) is CodeFault.WRONG
    assert refused(codes, code.secret) is CodeFault.TRIED_TOO_OFTEN
    assert refused(codes, changed(code.secret, at=9)) is CodeFault.TRIED_TOO_OFTEN


def test_four_wrong_secrets_do_not_end_a_code(codes: EnrolmentCodes) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    for at in range(4, 8):
        assert refused(codes, changed(code.secret, at=at)) is CodeFault.WRONG
    assert codes.redeem(code.secret, of_kind(DeviceKind.KIOSK)) == KIOSK


def test_wrong_secrets_count_over_a_restart(codes: EnrolmentCodes, tmp_path: Path) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    for _ in range(5):
        again = EnrolmentCodes(tmp_path, now=lambda: NOON)
        refused(again, changed(code.secret, at=9))
    assert refused(codes, code.secret) is CodeFault.TRIED_TOO_OFTEN


def test_guessing_at_other_codes_ends_none(codes: EnrolmentCodes) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    for at in (0, 1, 2, 3) * 5:
        assert refused(codes, changed(code.secret, at=at)) is CodeFault.WRONG
    assert codes.redeem(code.secret, of_kind(DeviceKind.KIOSK)) == KIOSK


def test_of_two_devices_at_once_with_one_code_one_is_enrolled(tmp_path: Path) -> None:
    code = EnrolmentCodes(tmp_path).issue(KIOSK, authority=AUTHORITY)

    def redeem(_: int) -> bool:
        try:
            return EnrolmentCodes(tmp_path).redeem(code.secret, of_kind(DeviceKind.KIOSK)) == KIOSK
        except CodeRefused:
            return False

    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(redeem, range(8))) == 1


def test_a_new_code_for_a_device_ends_its_former_one(codes: EnrolmentCodes) -> None:
    former, other = (codes.issue(device, authority=AUTHORITY) for device in (KIOSK, PANEL))
    new = codes.issue(KIOSK, authority=AUTHORITY)
    assert refused(codes, former.secret) is CodeFault.WRONG
    assert [codes.redeem(code.secret, of_kind(device.kind)) for code, device in ((new, KIOSK), (other, PANEL))] == [
        KIOSK,
        PANEL,
    ]


def test_what_became_of_a_code_is_known_while_it_is_kept(codes: EnrolmentCodes, time: MovedTime) -> None:
    code = codes.issue(KIOSK, authority=AUTHORITY)
    assert codes.fault_of("kiosk-1") is None
    codes.redeem(code.secret, of_kind(DeviceKind.KIOSK))
    assert codes.fault_of("kiosk-1") is CodeFault.USED
    time.now = NOON + timedelta(days=2)
    codes.issue(PANEL, authority=AUTHORITY)
    assert codes.fault_of("kiosk-1") is CodeFault.EXPIRED


@pytest.mark.parametrize("secret", ["", "K7M2", "K7M2QX09FG", "K" * 1000, "登记码"])
def test_what_is_no_code_at_all_is_wrong(codes: EnrolmentCodes, secret: str) -> None:
    codes.issue(KIOSK, authority=AUTHORITY)
    assert refused(codes, secret) is CodeFault.WRONG
