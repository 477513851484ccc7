"""One-time codes with which a machine is enrolled: short enough to be typed, and bound to one authority.

A code is 18 characters of Crockford's base32 in three groups of six. The first ten are a random secret of 50 bits; the
other eight are its seal, 40 bits of an HMAC under the secret over the authority's certificate. So whoever is in between
the machine and its server cannot make another authority that fits the code: without the secret, a seal cannot be tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import NamedTuple
from unicodedata import normalize

from protocol.faults import WrongValue

SECRET_LENGTH, SEAL_LENGTH, GROUP = 10, 8, 6
"""Lengths of the parts of a code and of the groups in which it is shown, characters."""
SELECTOR_LENGTH = 4
"""Length of the beginning of a secret by which the server finds the code, characters; the others are checked."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_OF_STANDARD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
_MISREAD = str.maketrans("ILO", "110")
_SEPARATOR = re.compile(r"[\s\-_.·‐‑‒–—−]+")


class EnrolmentCode(NamedTuple):
    """A code, as letters and digits."""

    secret: str
    seal: str

    @property
    def selector(self) -> str:
        """The beginning of the secret, which is no secret to the server's files."""
        return self.secret[:SELECTOR_LENGTH]

    def fits(self, authority: bytes) -> bool:
        """Whether this code was made for the authority with this certificate, in DER."""
        return hmac.compare_digest(self.seal, _seal(self.secret, authority))

    def shown(self) -> str:
        """Return the code as people read and type it: ``K7M2QX-09FGTW-3DHZ8A``."""
        whole = self.secret + self.seal
        return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


def new_code(authority: bytes) -> EnrolmentCode:
    """Return a new code for the authority with this certificate, in DER."""
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(SECRET_LENGTH))
    return EnrolmentCode(secret, _seal(secret, authority))


def parse_code(typed: str) -> EnrolmentCode:
    """Return the code that a person has typed or scanned. Raises WrongValue: it cannot be one."""
    text = _SEPARATOR.sub("", normalize("NFKC", typed).upper()).translate(_MISREAD)
    length = SECRET_LENGTH + SEAL_LENGTH
    if len(text) != length or not set(text) <= set(_ALPHABET):
        raise WrongValue(
            f"登记码应为 {length} 个字母和数字，例如 K7M2QX-09FGTW-3DHZ8A",
            f"an enrolment code has {length} letters and digits, such as K7M2QX-09FGTW-3DHZ8A",
        )
    return EnrolmentCode(text[:SECRET_LENGTH], text[SECRET_LENGTH:])


def _seal(secret: str, authority: bytes) -> str:
    digest = hmac.digest(secret.encode("ascii"), authority, hashlib.sha256)
    return base64.b32encode(digest).decode("ascii").translate(_OF_STANDARD)[:SEAL_LENGTH]
