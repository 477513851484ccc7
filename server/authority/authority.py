"""A site's certificate authority: makes the hub's files, signs what devices request, revokes.

It lies in the folder ``authority`` of the hub's data folder and is made on first use. Its certificate is signed by
itself, so that it alone decides whom the hall trusts, also in programs that accept no other end of a chain (Mosquitto).
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from runtime.owned_files import make_folder, open_owned, replace_file
from runtime.tls_files import AUTHORITY, CERTIFICATE, PRIVATE_KEY, REVOKED
from server.auth.key_file import AccessFault, KeyFile
from server.authority import certificates as c
from server.authority.issued_certificates import (
    CERTIFICATE_FILE,
    FOLDER,
    ISSUED_FILE,
    KEY_FILE,
    IssuedCertificate,
    IssuedCertificates,
    UnusableSigningRequest,
)

HUB_NAME = "hub"
"""Common name of the hub's own certificate, as its user name at the broker."""
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def _system_time() -> datetime:
    """Return the time, by a clock that may start in the past: never before this program was made."""
    made = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    return max(datetime.now(UTC), made).replace(microsecond=0)


def open_authority(data: Path, *, now: Callable[[], datetime] = _system_time) -> Authority:
    """Return the authority of a hub's data folder, made on first use. Raises AccessFault: a file of it is lost."""
    folder = data / FOLDER
    make_folder(folder)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    issued = KeyFile(folder / ISSUED_FILE, IssuedCertificates)
    with issued.locked() as before:
        if not (folder / CERTIFICATE_FILE).exists():
            _make(folder, issued, before, now())
        key, certificate = _read(folder)
    return Authority(key, certificate, issued, now=now)


def _make(folder: Path, issued: KeyFile[IssuedCertificates], before: IssuedCertificates, now: datetime) -> None:
    """Make an authority. Its certificate comes last: what a power cut left without it has signed nothing."""
    if before.certificates:
        raise _broken(folder / CERTIFICATE_FILE)
    key = c.new_private_key()
    replace_file(folder / KEY_FILE, c.private_pem(key))
    issued.write(before)
    replace_file(folder / CERTIFICATE_FILE, c.certificate_pem(c.make_authority(key, now=now)))


def _read(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if not (folder / ISSUED_FILE).exists():  # without it what was revoked would be good again
        raise _broken(folder / ISSUED_FILE)
    certificate = _read_certificate(folder / CERTIFICATE_FILE)
    key = _read_key(folder / KEY_FILE)
    if key.public_key() != certificate.public_key():
        raise _broken(folder / KEY_FILE)
    return key, certificate


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise _broken(path) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _broken(path) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _broken(path)
    return key


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise _broken(path) from error


def _broken(path: Path) -> AccessFault:
    return AccessFault(f"{path} 已损坏或不见了，请从备份恢复", f"{path} is broken or missing, restore it from a backup")


class Authority:
    """The authority of one site. Several processes may use it; all methods raise OSError when it cannot be written."""

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        issued: KeyFile[IssuedCertificates],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._key = key
        self._certificate = certificate
        self._issued = issued
        self._now = now

    @property
    def pem(self) -> str:
        """The certificate that the site's machines trust, in PEM: their ``ca.pem``."""
        return c.certificate_pem(self._certificate)

    @property
    def der(self) -> bytes:
        """The same in DER, which enrolment codes are bound to."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    def write_hub_files(self, folder: Path, names: Collection[str]) -> None:
        """Make what a hub or a county serves with; renew what ends soon or has other ``names``, write nothing else."""
        make_folder(folder)
        with open_owned(self._issued.path.with_name("server.lock")) as lock:  # a county may have several processes
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._write_server_files(folder, names)

    def _write_server_files(self, folder: Path, names: Collection[str]) -> None:
        _write_if_new(folder / AUTHORITY, self.pem)
        self.write_revoked(folder)
        key = _kept_or_new_key(folder / PRIVATE_KEY)
        hosts = OWN_HOSTS | frozenset(names)
        if not self._is_current(folder / CERTIFICATE, key.public_key(), hosts):
            leaf = self._issue(HUB_NAME, key.public_key(), c.HUB_USAGES, hosts=hosts)
            replace_file(folder / CERTIFICATE, leaf, mode=0o644)

    def check_request(self, csr_pem: bytes) -> None:
        """Check that a request can be signed. Raises UnusableSigningRequest."""
        public_key_of(csr_pem)

    def issue_device(self, csr_pem: bytes, name: str) -> bytes:
        """Return a certificate of a device's name for the key of its request, both in PEM.

        Raises UnusableSigningRequest.
        """
        if name == HUB_NAME:
            raise ValueError("the hub's own name is no device's")
        return self._issue(name, public_key_of(csr_pem), c.DEVICE_USAGES).encode("ascii")

    def newest_ends(self) -> dict[str, datetime]:
        """Return the end of the newest certificate of each name that has one and is not revoked."""
        return {one.name: one.until for one in self._issued.read().certificates if one.revoked is None}

    def revoke(self, name: str) -> bool:
        """Revoke every certificate of a device; False when it had none. ``write_revoked`` publishes it."""
        with self._issued.locked() as current:
            revoked = [self._ended(one) if one.name == name else one for one in current.certificates]
            if revoked == list(current.certificates):
                return False
            self._issued.write(IssuedCertificates(certificates=tuple(revoked), list_number=current.list_number + 1))
        return True

    def write_revoked(self, folder: Path) -> None:
        """Write the list of revoked certificates into a hub's TLS folder, when it is not the newest one."""
        path, current = folder / REVOKED, self._issued.read()
        if self._list_number(path) != current.list_number:
            made = c.make_revocation_list(
                self._certificate, self._key, revoked=current.revoked(), number=current.list_number
            )
            replace_file(path, made.public_bytes(serialization.Encoding.PEM).decode("ascii"), mode=0o644)

    def _list_number(self, path: Path) -> int | None:
        """Return the number of a list that this authority has signed."""
        try:
            found = x509.load_pem_x509_crl(path.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        if not found.is_signature_valid(self._key.public_key()):
            return None
        return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number

    def _ended(self, one: IssuedCertificate) -> IssuedCertificate:
        return one if one.revoked else one.model_copy(update={"revoked": self._now()})

    def _is_current(self, path: Path, public_key: ec.EllipticCurvePublicKey, hosts: frozenset[str]) -> bool:
        try:
            found = x509.load_pem_x509_certificate(path.read_bytes())
        except (FileNotFoundError, ValueError):
            return False
        return (
            found.public_key() == public_key
            and found.issuer == self._certificate.subject
            and c.hosts_of(found) == hosts
            and found.not_valid_after_utc - self._now() > c.RENEWED_WITH_LEFT
        )

    def _issue(
        self,
        name: str,
        public_key: ec.EllipticCurvePublicKey,
        usages: tuple[x509.ObjectIdentifier, ...],
        *,
        hosts: Collection[str] = (),
    ) -> str:
        now = self._now()
        leaf = c.make_leaf(self._certificate, self._key, public_key, name=name, usages=usages, hosts=hosts, now=now)
        new = IssuedCertificate(serial=f"{leaf.serial_number:x}", name=name, until=leaf.not_valid_after_utc)
        with self._issued.locked() as current:
            self._issued.write(current.model_copy(update={"certificates": (*current.certificates, new)}))
        return c.certificate_pem(leaf)


def public_key_of(csr_pem: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key for which a certificate is requested. Raises UnusableSigningRequest."""
    try:
        request = x509.load_pem_x509_csr(csr_pem)
        key = request.public_key()
        signed = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise UnusableSigningRequest("not a signing request") from error
    if not (signed and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
        raise UnusableSigningRequest("not signed with the P-256 key that it names")
    return key


def _kept_or_new_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Return the hub's private key, which a renewal keeps, so that key and certificate are of each other."""
    if path.exists():
        return _read_key(path)
    key = c.new_private_key()
    replace_file(path, c.private_pem(key), mode=0o640)
    return key


def _write_if_new(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="ascii") != text:
        replace_file(path, text, mode=0o644)
