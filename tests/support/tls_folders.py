"""TLS folders of a hall's machines, and handshakes between them without a network."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.authority.authority import Authority, open_authority
from server.authority.certificates import private_pem


def signing_request(key: ec.EllipticCurvePrivateKey | None = None, *, name: str = "anything") -> bytes:
    """Return what a device sends to get a certificate; the name in it does not count."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def device_folder(folder: Path, authority: Authority, name: str) -> Path:
    """Write the TLS folder of a device of this authority."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "ca.pem").write_text(authority.pem)
    (folder / "private-key.pem").write_text(private_pem(key))
    (folder / "certificate.pem").write_bytes(authority.issue_device(signing_request(key), name))
    return folder


def age_certificate(folder: Path, data: Path) -> None:
    """Give a device a certificate that its hub, with this data folder, signed so long ago that it is to be renewed."""
    key = serialization.load_pem_private_key((folder / "private-key.pem").read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate = folder / "certificate.pem"
    subject = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    (name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    then = open_authority(data, now=lambda: datetime.now(UTC) - timedelta(days=500))
    certificate.write_bytes(then.issue_device(signing_request(key), str(name.value)))


def server_context(folder: Path) -> ssl.SSLContext:
    """Return how a hub serves devices: with its certificate, and for a client's of its own authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _trust(context, folder)
    context.verify_mode = ssl.CERT_REQUIRED
    if (folder / "crl.pem").exists():
        context.load_verify_locations(folder / "crl.pem")
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def client_context(folder: Path) -> ssl.SSLContext:
    """Return how a device connects: with its certificate, and for a server's of its own authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    _trust(context, folder)
    return context


def _trust(context: ssl.SSLContext, folder: Path) -> None:
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_cert_chain(folder / "certificate.pem", folder / "private-key.pem")
    context.load_verify_locations(folder / "ca.pem")


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, *, name: str = "hub") -> dict[str, object]:
    """Do a TLS handshake in memory and return what the server has of the client's certificate. Raises SSLError."""
    serving, _ = _connected(server, client, name)
    return dict(serving.getpeercert() or {})


def shown_certificate(server: ssl.SSLContext) -> bytes | None:
    """Return the certificate that a server shows to anybody, DER."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    _, calling = _connected(server, anybody, "hub")
    return calling.getpeercert(binary_form=True)


def _connected(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    serving = server.wrap_bio(to_server, to_client, server_side=True)
    calling = client.wrap_bio(to_client, to_server, server_hostname=name)
    for side in (calling, serving, calling, serving):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return serving, calling
