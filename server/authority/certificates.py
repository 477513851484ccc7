"""Certificates of a site's authority, of its hub and of its devices: X.509, P-256 keys, values in, values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=20 * 365)
LEAF_LIFE = timedelta(days=2 * 365)
RENEWED_WITH_LEFT = LEAF_LIFE / 3
"""Time left with which a certificate is renewed."""
VALID_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
"""Beginning of every certificate's and list's time: a Pi whose clock starts in the past accepts them too."""
HUB_USAGES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
DEVICE_USAGES = (ExtendedKeyUsageOID.CLIENT_AUTH,)
"""What a device's certificate is good for: nobody can serve with it as if he were the hub."""
_NO_USAGE = MappingProxyType(
    dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
)


def new_private_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a private key in PEM, without encryption."""
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode("ascii")


def certificate_pem(certificate: x509.Certificate) -> str:
    """Return a certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def make_authority(key: ec.EllipticCurvePrivateKey, *, now: datetime) -> x509.Certificate:
    """Return the certificate of a new authority, signed by itself; it may sign leaves, and no other authority."""
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Jiaohao"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"authority {key_id.digest[:8].hex()}"),
        ]
    )
    builder = _builder(subject, key.public_key(), issuer=subject, until=now + AUTHORITY_LIFE)
    return _sign(_with_authority_extensions(builder), key, issuer_key_id=key_id)


def make_leaf(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    public_key: ec.EllipticCurvePublicKey,
    *,
    name: str,
    usages: Sequence[x509.ObjectIdentifier],
    now: datetime,
    hosts: Collection[str] = (),
) -> x509.Certificate:
    """Return a certificate with which the hub or a device authenticates; ``hosts`` are a hub's names and addresses."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until = min(now + LEAF_LIFE, authority.not_valid_after_utc)
    builder = (
        _builder(subject, public_key, issuer=authority.subject, until=until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(_host_names(hosts)), critical=False)
    return _sign(builder, authority_key, issuer_key_id=_key_id_of(authority))


def make_revocation_list(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    *,
    revoked: Iterable[tuple[int, datetime]],
    number: int,
) -> x509.CertificateRevocationList:
    """Return the list of revoked certificates, by serial number with the time; good until the authority ends."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(VALID_SINCE)
        .next_update(authority.not_valid_after_utc)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(_key_id_of(authority)), critical=False
        )
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority_key, hashes.SHA256())


def hosts_of(certificate: x509.Certificate) -> frozenset[str]:
    """Return the names and addresses in a hub's certificate."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(str(name.value) for name in names)


def _host_names(hosts: Collection[str]) -> list[x509.GeneralName]:
    return [_host_name(host) for host in sorted(hosts)]


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, public_key: ec.EllipticCurvePublicKey, *, issuer: x509.Name, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_SINCE)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _with_authority_extensions(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
        _usage(key_cert_sign=True, crl_sign=True), critical=True
    )


def _usage(**allowed: Any) -> x509.KeyUsage:  # noqa: ANN401 - flags of x509.KeyUsage
    return x509.KeyUsage(**{**_NO_USAGE, **allowed})


def _key_id_of(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value


def _sign(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, *, issuer_key_id: x509.SubjectKeyIdentifier
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id)
    return builder.add_extension(issuer, critical=False).sign(key, hashes.SHA256())
