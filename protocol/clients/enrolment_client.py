"""How a machine without a key or certificate gets both from a hub that it has never met: by a one-time code.

The first connection is to whoever answers, and only fetches the certificate of his authority. When it fits the code,
the second connection trusts that authority alone, and carries the code's secret and the request for a certificate.
"""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from protocol.answers import EnrolmentAnswer, ErrorAnswer
from protocol.clients.json_client import ForeignAnswer, JsonClient
from protocol.enrolment_code import EnrolmentCode
from protocol.faults import BilingualFault
from protocol.requests import EnrolDevice
from protocol.settings import server_url
from protocol.vocabulary import DeviceKind, Text

TIMEOUT_S = 15.0
"""Time limit of each request, seconds."""
DEVICES_PORT = 8443
"""Port at which hubs serve devices unless their settings say otherwise."""
LARGEST_CERTIFICATE = 16 * 1024
"""Length limit of an authority's certificate, bytes."""
CLOCK_TOLERANCE = timedelta(minutes=2)
"""Difference between this clock and the hub's that is not worth a word."""
_NOT_YET_VALID, _HAS_EXPIRED = 9, 10
"""OpenSSL's codes of a certificate that is not valid at this time."""


class EnrolmentFault(BilingualFault, OSError):
    """A machine was not enrolled; the sentence says what to do."""


class HubPlace(NamedTuple):
    """Where a hub serves devices."""

    host: str
    port: int = DEVICES_PORT

    @property
    def url(self) -> str:
        """The address of what it serves."""
        return server_url(self.host, self.port, scheme="https")


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """What a machine has got, with the key that it made."""

    hub: HubPlace
    answer: EnrolmentAnswer
    private_key: str
    """In PEM."""
    clock_off: timedelta | None = None
    """How far this machine's clock is ahead of the hub's, when that is much."""


class _Away(OSError):
    """The hub did not answer."""


class _Refused(OSError):
    """The hub refused; ``text`` has its sentence."""

    def __init__(self, status: int, answer: ErrorAnswer) -> None:  # noqa: ARG002 - as JsonClient makes it
        super().__init__(answer.error)
        self.text = answer.message


def enrol(place: HubPlace, code: EnrolmentCode, kind: DeviceKind) -> Enrolled:
    """Enrol this machine as the device that the code is for. Raises EnrolmentFault."""
    authority = _authority_of(place)
    if not code.fits(authority.public_bytes(serialization.Encoding.DER)):
        raise EnrolmentFault(
            f"登记码与 {place.host} 的证书不符：码输错了，或应答的不是发码的站点服务器。请核对登记码和地址",
            f"the code does not fit the certificate of {place.host}: it was mistyped, or another server than the one "
            "that made it answers. Check code and address",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    request = EnrolDevice(secret=code.secret, kind=kind, csr=signing_request(key), hub=place.host)
    times: list[datetime] = []
    answer = _request(place, authority, request, times)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Enrolled(hub=place, answer=answer, private_key=private.decode("ascii"), clock_off=_clock_off(times))


def signing_request(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a request for a certificate of this key, in PEM; its name is the hub's choice."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _authority_of(place: HubPlace) -> x509.Certificate:
    """Return the certificate of the authority of whoever answers; nothing has proved it yet."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(place.host, place.port, timeout=TIMEOUT_S, context=anybody)
    try:
        connection.request("GET", "/v1/authority")
        response = connection.getresponse()
        body = response.read(LARGEST_CERTIFICATE)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(place, error) from error
    finally:
        connection.close()
    try:
        return x509.load_pem_x509_certificate(body)
    except ValueError as error:
        raise _foreign(place) from error


def _request(
    place: HubPlace, authority: x509.Certificate, request: EnrolDevice, times: list[datetime]
) -> EnrolmentAnswer:
    client = JsonClient(
        place.url,
        server="hub",
        key=None,
        at_once=1,
        away=_Away,
        refused=_Refused,
        refusal=ErrorAnswer,
        tls=_trusting(authority),
    )
    client.on_time = times.append
    body = request.model_dump_json().encode()
    try:
        return client.request("POST", "/v1/enrolments", EnrolmentAnswer, body=body, within_s=TIMEOUT_S)
    except _Refused as refused:
        raise EnrolmentFault(refused.text.zh, refused.text.en) from refused
    except _Away as error:
        raise _not_answered(place, error) from error
    finally:
        client.close()


def _trusting(authority: x509.Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=authority.public_bytes(serialization.Encoding.DER))
    return context


def _not_answered(place: HubPlace, error: _Away) -> EnrolmentFault:
    if isinstance(error.__cause__, ForeignAnswer):
        return _foreign(place)
    wrong = _certificate_fault(error)
    if wrong is None:
        return _unreachable(place, error.__cause__ or error)
    if wrong.verify_code in (_NOT_YET_VALID, _HAS_EXPIRED):
        now = f"{datetime.now(UTC):%Y-%m-%d}"
        return EnrolmentFault(
            f"本机时间是 {now}，站点服务器的证书此时无效：请先校准本机和站点服务器的时钟",
            f"this machine's date is {now}, when the hub's certificate is not valid: set the clocks of both first",
        )
    return EnrolmentFault(
        f"{place.host} 的证书不是发码的站点服务器的：应答的是别的服务器，请检查网络和地址",
        f"the certificate of {place.host} is not of the hub that made the code: another server answers, check network "
        "and address",
    )


def _certificate_fault(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return why a certificate was not trusted, when that is the cause of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _unreachable(place: HubPlace, error: BaseException) -> EnrolmentFault:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return EnrolmentFault(
        f"{place.host} 的端口 {place.port} 没有应答（{reason}）：站点服务器开着吗，地址对吗，hub.toml 里有 [tls] 吗",
        f"{place.host} does not answer at port {place.port} ({reason}): is the hub on, is the address right, has "
        "hub.toml [tls]",
    )


def _foreign(place: HubPlace) -> EnrolmentFault:
    return EnrolmentFault(
        f"{place.host} 端口 {place.port} 上应答的不是站点服务器：请核对地址",
        f"what answers at {place.host}, port {place.port}, is no hub: check the address",
    )


def _clock_off(times: list[datetime]) -> timedelta | None:
    if not times:
        return None
    off = datetime.now(UTC) - times[-1]
    return off if abs(off) > CLOCK_TOLERANCE else None


def clock_text(off: timedelta) -> Text:
    """Return what is wrong with this machine's clock."""
    minutes = round(abs(off).total_seconds() / 60)
    zh, en = ("快", "ahead of") if off > timedelta() else ("慢", "behind")
    return Text(
        zh=f"注意：本机时钟比站点服务器{zh} {minutes} 分钟", en=f"note: this clock is {minutes} min {en} the hub's"
    )
