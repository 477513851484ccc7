"""TLS of one machine: a folder with its certificate and key, and the certificate authority of its hall.

Peers of a hall are known by their authority and by what their certificate is for, not by host names: a hall's
addresses come from its router and change. Only a hub's certificate is good for a server.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.settings import SettingsError
from protocol.vocabulary import Text

AUTHORITY = "ca.pem"
"""File of the authority's certificate."""
CERTIFICATE = "certificate.pem"
"""File of the machine's own certificate, followed by those between it and the authority."""
PRIVATE_KEY = "private-key.pem"
"""File of the private key of ``CERTIFICATE``."""
REVOKED = "crl.pem"
"""File of the authority's list of revoked certificates, in a hub's folder."""


def device_context(folder: Path) -> ssl.SSLContext:
    """Return what a device connects with: it trusts its hall alone, and proves who it is. Raises SettingsError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    _trust(context, folder)
    load_identity(context, folder)
    return context


def server_context(folder: Path, *, asks_for_certificate: bool) -> ssl.SSLContext:
    """Return what a hub's listener serves with. Raises SettingsError.

    ``asks_for_certificate``: a client may show a certificate, which must then be one of the hall.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_OPTIONAL if asks_for_certificate else ssl.CERT_NONE
    _trust(context, folder)
    load_identity(context, folder)
    return context


def load_identity(context: ssl.SSLContext, folder: Path) -> None:
    """Let new connections show the certificate that is in the folder now. Raises SettingsError."""
    with _readable(folder):
        context.load_cert_chain(folder / CERTIFICATE, folder / PRIVATE_KEY)


def _trust(context: ssl.SSLContext, folder: Path) -> None:
    with _readable(folder):
        context.load_verify_locations(cafile=folder / AUTHORITY)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        damaged = Text(
            zh=f"{folder} 里的证书、私钥不能用，或不是一对（{error.reason}）：请重新登记",
            en=f"certificate and private key in {folder} cannot be used, or are no pair ({error.reason}): enrol again",
        )
        raise SettingsError("tls", damaged) from error
    except OSError as error:
        files = ", ".join((AUTHORITY, CERTIFICATE, PRIVATE_KEY))
        missing = Text(
            zh=f"{folder} 里读不到 {files} 之一：{error.strerror}",
            en=f"one of {files} in {folder} cannot be read: {error.strerror}",
        )
        raise SettingsError("tls", missing) from error
