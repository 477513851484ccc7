"""The documents name every setting, topic, table word and command there is, so that none goes untold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from display.settings import DisplaySettings, PictureSettings, VoiceSettings
from hardware.panel.window_settings import KeyPins, LampPins, WindowSettings
from hardware.printer.printer_settings import FilePrinter, NetworkPrinter, UsbPrinter
from kiosk.settings import KioskSettings, KioskWindow, Patience
from protocol import topics
from protocol.settings import BrokerAddress, CountyAddress, HubAddress
from protocol.vocabulary import TicketState
from server.county.settings import CountySettings, CountySite
from server.domain.model.catalogue import Rules
from server.hub.settings import HubSettings

DOCS = Path(__file__).parents[2] / "docs"
ALL_SETTINGS: tuple[type[BaseModel], ...] = (
    BrokerAddress,
    CountyAddress,
    CountySettings,
    CountySite,
    DisplaySettings,
    FilePrinter,
    HubAddress,
    HubSettings,
    KeyPins,
    KioskSettings,
    LampPins,
    NetworkPrinter,
    Patience,
    PictureSettings,
    Rules,
    UsbPrinter,
    VoiceSettings,
    KioskWindow,
    WindowSettings,
)


@pytest.mark.parametrize("model", ALL_SETTINGS, ids=lambda m: m.__name__)
def test_every_setting_is_described(model: type[BaseModel]) -> None:
    words = set(re.findall(r"[a-z_]+", (DOCS / "operations.md").read_text(encoding="utf-8")))
    assert set(model.model_fields) <= words


def test_every_topic_is_described() -> None:
    text = (DOCS / "topics.md").read_text(encoding="utf-8")
    all_topics = [
        topics.board("{site}"),
        topics.sign("{site}", "{window}"),
        topics.queue("{site}", "{service}"),
        topics.notice("{site}"),
        topics.hub_status("{site}"),
        topics.device_status("{site}", "{device}"),
    ]
    assert [t for t in all_topics if f"`{t}`" not in text] == []


def test_every_ticket_state_is_in_the_glossary() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert [s.value for s in TicketState if s.value not in text] == []


def test_every_link_leads_somewhere() -> None:
    root = DOCS.parent
    for page in (root / "README.md", root / "CONTRIBUTING.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
