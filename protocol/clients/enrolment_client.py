"""How a machine gets a key from a server that it has never met, a device from its hub, a hub from its county.

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
from pydantic import BaseModel

from protocol.answers import EnrolmentAnswer, ErrorAnswer
from protocol.clients.json_client import AnswerModel, ForeignAnswer, JsonClient, ServerFailed
from protocol.county import CountyJoined, JoinCounty
from protocol.enrolment_code import EnrolmentCode
from protocol.faults import BilingualFault
from protocol.requests import EnrolDevice
from protocol.settings import server_url
from protocol.vocabulary import DeviceKind, SiteId, Text

TIMEOUT_S = 15.0
"""Time limit of each request, seconds."""
DEVICES_PORT = 8443
"""Port at which hubs serve devices unless their settings say otherwise."""
LARGEST_CERTIFICATE = 16 * 1024
"""Length limit of an authority's certificate, bytes."""
CLOCK_TOLERANCE = timedelta(minutes=2)
"""Difference between this clock and the server's that is not worth a word."""
HUB, COUNTY = Text(zh="站点服务器", en="hub"), Text(zh="县平台", en="county")
_NOT_VALID_NOW, _OTHER_NAME = frozenset({9, 10}), frozenset({62, 64})
"""OpenSSL's codes of a certificate that is not yet valid or has expired, and of one with other names or addresses."""


class EnrolmentFault(BilingualFault, OSError):
    """A machine was not enrolled; the sentence says what to do."""


class ServerPlace(NamedTuple):
    """Where a hub serves devices, or a county its hubs."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address of what it serves."""
        return server_url(self.host, self.port, scheme="https")


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """What a device has got, with the key that it made."""

    hub: ServerPlace
    answer: EnrolmentAnswer
    private_key: str
    """In PEM."""
    clock_off: timedelta | None
    """How far this machine's clock is ahead of the hub's, when that is much."""


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What a hub has got from its county."""

    county: ServerPlace
    answer: CountyJoined
    authority: str
    """In PEM: whom the hub trusts."""


class _Away(OSError):
    """The server did not answer."""


class _Refused(OSError):
    """The server refused; ``text`` has its sentence."""

    def __init__(self, status: int, answer: ErrorAnswer) -> None:  # noqa: ARG002 - as JsonClient makes it
        super().__init__(answer.error)
        self.text = answer.message


def enrol(place: ServerPlace, code: EnrolmentCode, kind: DeviceKind) -> Enrolled:
    """Enrol this machine as the device that the code is for. Raises EnrolmentFault."""
    contact = _FirstContact(place, code, who=HUB, settings="hub.toml")
    key = ec.generate_private_key(ec.SECP256R1())
    request = EnrolDevice(secret=code.secret, kind=kind, csr=signing_request(key), hub=place.host)
    answer = contact.request("/v1/enrolments", request, EnrolmentAnswer, by_name=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Enrolled(hub=place, answer=answer, private_key=private.decode("ascii"), clock_off=_clock_off(contact.times))


def join(place: ServerPlace, code: EnrolmentCode, site: SiteId) -> Joined:
    """Join the county as the site that the code is for. Raises EnrolmentFault."""
    contact = _FirstContact(place, code, who=COUNTY, settings="county.toml")
    answer = contact.request("/v1/sites", JoinCounty(secret=code.secret, site=site), CountyJoined, by_name=True)
    pem = contact.authority.public_bytes(serialization.Encoding.PEM)
    return Joined(county=place, answer=answer, authority=pem.decode("ascii"))


def signing_request(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a request for a certificate of this key, in PEM; its name is the hub's choice."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode("ascii")


class _FirstContact:
    """A server whose authority fits a code. ``who`` it is, and its ``settings`` file, stand in the sentences.

    Raises EnrolmentFault, as ``request`` does.
    """

    def __init__(self, place: ServerPlace, code: EnrolmentCode, *, who: Text, settings: str) -> None:
        self._place = place
        self._who = who
        self._settings = settings
        self.times: list[datetime] = []
        """The server's time at its answers."""
        self.authority = self._fetch_authority()
        if not code.fits(self.authority.public_bytes(serialization.Encoding.DER)):
            raise EnrolmentFault(
                f"登记码与 {place.host} 的证书不符：码输错了，或应答的不是发码的{who.zh}。请核对登记码和地址",
                f"the code does not fit the certificate of {place.host}: it was mistyped, or another server than the "
                f"{who.en} that made it answers. Check code and address",
            )

    def request(self, path: str, body: BaseModel, answer: type[AnswerModel], *, by_name: bool) -> AnswerModel:
        """Post a request that carries the code's secret to the server that the authority proves.

        ``by_name``: also when later connections will check that the certificate has the server's address.
        """
        client = JsonClient(
            self._place.url,
            server=self._who.en,
            key=None,
            at_once=1,
            away=_Away,
            refused=_Refused,
            refusal=ErrorAnswer,
            tls=self._trusting(by_name=by_name),
        )
        client.on_time = self.times.append
        try:
            return client.request("POST", path, answer, body=body.model_dump_json().encode(), within_s=TIMEOUT_S)
        except _Refused as refused:
            raise EnrolmentFault(refused.text.zh, refused.text.en) from refused
        except _Away as error:
            raise self._not_answered(error) from error
        finally:
            client.close()

    def _fetch_authority(self) -> x509.Certificate:
        """Return the certificate of the authority of whoever answers; nothing has proved it yet."""
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname = False
        anybody.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self._place.host, self._place.port, timeout=TIMEOUT_S, context=anybody)
        try:
            connection.request("GET", "/v1/authority")
            body = connection.getresponse().read(LARGEST_CERTIFICATE)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            connection.close()
        try:
            return x509.load_pem_x509_certificate(body)
        except ValueError as error:
            raise self._foreign() from error

    def _trusting(self, *, by_name: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = by_name
        context.load_verify_locations(cadata=self.authority.public_bytes(serialization.Encoding.DER))
        return context

    def _not_answered(self, error: _Away) -> EnrolmentFault:
        if isinstance(error.__cause__, ForeignAnswer):
            return self._foreign()
        if isinstance(error.__cause__, ServerFailed):
            text = error.__cause__.text
            return EnrolmentFault(f"{self._who.zh}：{text.zh}", f"the {self._who.en}: {text.en}")
        wrong = _certificate_fault(error)
        if wrong is None:
            return self._unreachable(error.__cause__ or error)
        host, who = self._place.host, self._who
        if wrong.verify_code in _NOT_VALID_NOW:
            now = f"{datetime.now(UTC):%Y-%m-%d}"
            return EnrolmentFault(
                f"本机时间是 {now}，{who.zh}的证书此时无效：请先校准两边的时钟",
                f"this machine's date is {now}, when the {who.en}'s certificate is not valid: set the clocks of both "
                "first",
            )
        if wrong.verify_code in _OTHER_NAME:
            return EnrolmentFault(
                f'{who.zh}的证书里没有 {host}：请在 {self._settings} 的 [tls] 里写 names = ["{host}"]，重启后再试',
                f'the {who.en}\'s certificate does not have {host}: write names = ["{host}"] under [tls] in '
                f"{self._settings}, restart it and try again",
            )
        return EnrolmentFault(
            f"{host} 的证书不是发码的{who.zh}的：应答的是别的服务器，请检查网络和地址",
            f"the certificate of {host} is not of the {who.en} that made the code: another server answers, check "
            "network and address",
        )

    def _unreachable(self, error: BaseException) -> EnrolmentFault:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        host, port = self._place
        return EnrolmentFault(
            f"{host} 的端口 {port} 没有应答（{reason}）：{self._who.zh}开着吗，地址对吗，{self._settings} 有 [tls] 吗",
            f"{host} does not answer at port {port} ({reason}): is the {self._who.en} on, is the address right, has "
            f"{self._settings} [tls]",
        )

    def _foreign(self) -> EnrolmentFault:
        host, port = self._place
        return EnrolmentFault(
            f"{host} 端口 {port} 上应答的不是{self._who.zh}：请核对地址",
            f"what answers at {host}, port {port}, is no {self._who.en}: check the address",
        )


def _certificate_fault(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return why a certificate was not trusted, when that is the cause of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


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
