"""What a site's authority keeps: its files, and the certificates that it has signed.

Without ``cryptography``, which takes 10 MB: a hub that does not encrypt never loads it.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

FOLDER, KEY_FILE, CERTIFICATE_FILE, ISSUED_FILE = "authority", "authority-key.pem", "authority.pem", "issued.json"
"""The authority's folder in a hub's data folder, and its files."""
FILES = (KEY_FILE, CERTIFICATE_FILE, ISSUED_FILE)


class UnusableSigningRequest(ValueError):
    """A request for a certificate is not one of a P-256 key, signed with it."""


class IssuedCertificate(BaseModel):
    """A certificate that the authority has signed, until it ends."""

    model_config = ConfigDict(frozen=True)

    serial: str
    """In hexadecimal."""
    name: str
    until: datetime
    revoked: datetime | None = None


class IssuedCertificates(BaseModel):
    """All that ``issued.json`` holds."""

    model_config = ConfigDict(frozen=True)

    certificates: tuple[IssuedCertificate, ...] = ()
    list_number: int = 0
    """Number of the newest list of revoked certificates."""

    def revoked(self) -> list[tuple[int, datetime]]:
        """Return serial numbers and times, as a list of revoked certificates has them."""
        return [(int(one.serial, 16), one.revoked) for one in self.certificates if one.revoked is not None]
