"""The settings of one screen: ``display.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from protocol.faults import WrongValue
from protocol.settings import AccessKey, BrokerAddress, Rotation, Settings, Switch, TimeZone, TlsFolder, Url
from protocol.vocabulary import Identifier, Language, SiteId, Slug, WindowId


class VoiceSettings(Settings):
    """How calls are spoken. ``kind``: ``clips``, and ``espeak`` for what has none; ``espeak`` alone; or ``silence``."""

    kind: Literal["clips", "espeak", "silence"] = "clips"
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = (Language.ZH, Language.EN)
    chime: Switch = True
    folder: Path | None = None
    """Clips of the county's own, instead of those that the product ships."""
    player: Annotated[tuple[str, ...], Field(min_length=1)] = ("aplay", "-q", "{file}")
    """The program that plays a WAV file; ``{file}`` stands for the file."""
    words_per_minute: Annotated[int, Field(strict=True, ge=80, le=300)] = 130

    @model_validator(mode="after")
    def _speaks_each_language_once_into_a_file(self) -> Self:
        if len(set(self.languages)) < len(self.languages):
            raise WrongValue("languages 里有重复", "languages has one twice")
        if not any("{file}" in part for part in self.player):
            raise WrongValue('player 里应有 "{file}"', 'player must have "{file}"')
        return self


class PictureSettings(Settings):
    """Where the screen records what it paints (``display.screenshots``), for tests, the demo and technicians."""

    folder: Path
    each_announcement: Switch = False
    """Save a picture of every announcement; without it only on SIGUSR1."""


class DisplaySettings(Settings):
    """One screen: a hall board, or the sign above one window."""

    site: Slug[SiteId]
    device: Identifier
    key: AccessKey
    broker: BrokerAddress = BrokerAddress()
    tls: TlsFolder = None
    hub_url: Url | None = None
    """Where the certificate is renewed; the screen itself has all it shows from the broker."""
    layout: Literal["hall", "sign"] = "hall"
    window: Slug[WindowId] | None = None
    """The window a sign hangs above."""
    only_windows: frozenset[Identifier] = frozenset()
    """A hall board of one zone shows and speaks only calls to these windows; empty: all."""
    only_services: frozenset[Identifier] = frozenset()
    """A hall board of one zone shows only these services' queues; empty: all."""
    highlight_s: Annotated[float, Field(strict=True, ge=1, le=30)] = 4.0
    page_s: Annotated[float, Field(strict=True, ge=3, le=60)] = 8.0
    time_zone: TimeZone | None = None
    """Without effect: the hub gives the site's zone. A file that names another one is warned of."""
    fullscreen: Switch = True
    rotation: Rotation = 0
    width: Annotated[int, Field(strict=True, ge=320, le=7680)] = 1920
    height: Annotated[int, Field(strict=True, ge=240, le=4320)] = 1080
    voice: VoiceSettings = VoiceSettings()
    pictures: PictureSettings | None = None

    @model_validator(mode="after")
    def _a_sign_needs_its_window(self) -> Self:
        if self.layout == "sign" and self.window is None:
            raise WrongValue('layout = "sign" 还需要 window', 'layout = "sign" needs window')
        return self
