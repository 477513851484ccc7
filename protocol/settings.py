"""Reads a process's one TOML settings file.

A wrong value becomes one sentence naming file, key, value and what is allowed.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from protocol.faults import WrongValue
from protocol.text.settings_text import settings_sentences
from protocol.text.toml_text import parse_toml
from protocol.vocabulary import Identifier, Text


class SettingsError(ValueError):
    """A settings file cannot be used; ``sentences`` has one for each mistake, and ``str()`` a line for each.

    ``file`` names the settings file, or the table that it names.
    """

    def __init__(self, file: Path | str, *sentences: Text) -> None:
        super().__init__("\n".join(f"{file}: {sentence.on_one_line()}" for sentence in sentences))
        self.file = str(file)
        self.sentences = sentences


class Settings(BaseModel):
    """Parent of every process's settings: frozen, an unknown key is an error.

    Its numbers and switches are strict: ``"5"`` and ``true`` are no number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:  # noqa: ANN401 - of any field
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str | Path) and "\0" in str(text):
            raise WrongValue("不能含有空字符", "must have no NUL character")
        return value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a part of the world, such as Asia
        raise WrongValue("应为时区名，例如 Asia/Shanghai", "must be a time zone such as Asia/Shanghai") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone that this system knows."""

Rotation = Literal[0, 90, 180, 270]
"""Clockwise turn of what a screen draws, degrees, for one that is mounted turned."""
Switch = Annotated[bool, Field(strict=True)]
"""``true`` or ``false``."""

Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
"""A TCP port; ``true`` is none."""


def _network(address: str) -> str:
    try:
        ip_network(address)
    except ValueError as error:
        raise WrongValue(
            "应为 IP 地址或网段，例如 10.0.0.5、10.0.0.0/24",
            "must be an IP address or a network such as 10.0.0.5 or 10.0.0.0/24",
        ) from error
    return address


Network = Annotated[str, AfterValidator(_network)]
"""An IP address, or a network of them."""


_NAME_PART = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME = re.compile(rf"{_NAME_PART}(\.{_NAME_PART})*\.?")


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:  # a name; one whose last part is a number would be an IPv4 address, and is none
        return bool(_HOST_NAME.fullmatch(host)) and not host.rpartition(".")[2].isdecimal()
    return True


def _host(host: str) -> str:
    if not _is_host(host):
        raise WrongValue(
            "应为 IP 地址或主机名，例如 10.0.0.5、::、hub.local，不带端口和方括号",
            "must be an IP address or a host name such as 10.0.0.5, :: or hub.local, without port and brackets",
        )
    return host


Host = Annotated[str, AfterValidator(_host)]
"""An IP address or the name of a machine, as it stands before a port."""


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.port != 0 and _is_host(parts.hostname or "")
        good = good and not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise WrongValue("应为网址，例如 http://10.0.0.5:8080", "must be an address such as http://10.0.0.5:8080")
    return url


def server_url(host: str, port: int, *, scheme: str = "http") -> str:
    """Return the HTTP address of a server; an IPv6 address stands in brackets."""
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


Url = Annotated[str, AfterValidator(_url)]
"""The HTTP address of a server."""


def _key(key: SecretStr) -> SecretStr:
    secret = key.get_secret_value()
    if not (secret.isascii() and secret.isprintable()):
        raise WrongValue("应与登记时显示的一致", "must be as it was shown when it was made")
    return key


AccessKey = Annotated[SecretStr, AfterValidator(_key)]
"""A key as a server issued it, printable ASCII: it travels in an HTTP header."""


class HubAddress(Settings):
    """Where a device finds its hub, and the key the hub gave it (``jiaohao-admin enrol``)."""

    url: Url = "http://127.0.0.1:8080"
    device: Identifier
    key: AccessKey


class CountyAddress(Settings):
    """Where a hub finds the county, and the key the county gave its site (``jiaohao-county enrol``)."""

    url: Url
    key: AccessKey
    ca: Path | None = None
    """Whom to trust for ``https``, when it is not one of those the system trusts: a PEM file."""


class BrokerAddress(Settings):
    """Where a process finds the hall's MQTT broker; devices log in with their id and key."""

    host: Host = "127.0.0.1"
    port: Port = 1883
    keepalive_s: Annotated[int, Field(strict=True, ge=1, le=65535)] = 10


TlsFolder = Path | None
"""Folder of a device's certificate (``jiaohao-enrol`` fills it); with it the connections to hub and broker are TLS."""


SettingsModel = TypeVar("SettingsModel", bound=BaseModel)


def load_settings(model: type[SettingsModel], path: Path) -> SettingsModel:
    """Return the settings in a TOML file, with defaults for what it leaves out.

    Raises SettingsError: no such file, not TOML, or a key that is missing, unknown or has a value not allowed.
    """
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        raw = parse_toml(encoded)
    except WrongValue as error:
        raise SettingsError(path, error.text) from error
    return parse_settings(model, raw, source=str(path))


def parse_settings(model: type[SettingsModel], raw: dict[str, Any], *, source: str) -> SettingsModel:
    """Validate settings that were read from ``source``; raises SettingsError like ``load_settings``."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(source, *settings_sentences(error.errors(), raw)) from error


def unreadable(path: Path, error: OSError) -> SettingsError:
    """Return the error for a file that the system does not let us read."""
    return SettingsError(path, Text(zh=f"读不到：{error.strerror}", en=f"cannot be read: {error.strerror}"))
