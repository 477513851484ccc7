"""The code that a technician types into a new device."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from protocol.enrolment_code import EnrolmentCode, new_code, parse_code
from protocol.faults import WrongValue

AUTHORITY, ANOTHER = b"certificate of the hall", b"certificate of another"


def test_a_code_is_three_groups_of_six_that_fit_its_authority() -> None:
    code = new_code(AUTHORITY)
    assert [len(group) for group in code.shown().split("-")] == [6, 6, 6]
    assert parse_code(code.shown()) == code
    assert code.fits(AUTHORITY)


def test_the_seal_is_40_bits_of_the_keyed_hash() -> None:
    code = new_code(AUTHORITY)
    digest = hmac.new(code.secret.encode(), AUTHORITY, hashlib.sha256).digest()
    bits = "".join(f"{'0123456789ABCDEFGHJKMNPQRSTVWXYZ'.index(sign):05b}" for sign in code.seal)
    assert int(bits, 2).to_bytes(5, "big") == digest[:5]


def test_a_code_fits_no_other_authority() -> None:
    assert not any(new_code(AUTHORITY).fits(ANOTHER) for _ in range(100))


def test_one_wrong_character_does_not_fit() -> None:
    code = new_code(AUTHORITY)
    whole = code.secret + code.seal
    for at, sign in enumerate(whole):
        typed = whole[:at] + ("7" if sign != "7" else "8") + whole[at + 1 :]
        assert not parse_code(typed).fits(AUTHORITY)


@pytest.mark.parametrize(
    "typed",
    [
        "K7M2QX-09FGTW-3DHZ11",
        "k7m2qx09fgtw3dhz11",
        " K7M2QX 09FGTW 3DHZ11\n",
        "k7m2qx–o9fgtw—3dhzil",
        "Ｋ７Ｍ２ＱＸ－０９ＦＧＴＷ－３ＤＨＺＬＩ",
        "K7M2-QXO9-FGTW-3DHZ-11",
    ],
)
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    assert parse_code(typed) == EnrolmentCode("K7M2QX09FG", "TW3DHZ11")


@pytest.mark.parametrize("typed", ["", "K7M2QX", "K7M2QX-09FGTW-3DHZ8U", "K7M2QX-09FGTW-3DHZ8A-1", "登记码", "\0" * 18])
def test_what_cannot_be_a_code_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(WrongValue, match="18 letters and digits, such as K7M2QX-09FGTW-3DHZ8A"):
        parse_code(typed)
