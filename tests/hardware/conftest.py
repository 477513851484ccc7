"""The paper that tests of hardware print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hardware.paper.referral_layout import ReferralPaper
from hardware.paper.ticket_layout import TicketPaper
from protocol.answers import OtherSite
from protocol.vocabulary import Promise, Text

MakeTicket = Callable[..., TicketPaper]
MakeReferral = Callable[..., ReferralPaper]


@pytest.fixture
def make_ticket() -> MakeTicket:
    """A visitor's usual ticket, with the test's changes."""
    usual = TicketPaper(
        number="A017",
        hall=Text(zh="竹溪县政务服务中心", en="Zhuxi County Government Service Centre"),
        service=Text(zh="居民身份证", en="Resident ID card"),
        area=Text(zh="一楼 A 区", en="Floor 1, area A"),
        issued_at=datetime(2026, 11, 22, 17, 5, tzinfo=UTC),
        time_zone="Asia/Shanghai",
        qr_address="http://192.168.1.10:8080/t/3q2-7wXf0Jk1Zb9p",
        people_ahead=7,
        promise=Promise(low_min=20, high_min=35),
        materials=(
            Text(zh="居民户口簿原件", en="Household register (original)"),
            Text(zh="近期免冠照片回执（公安机关认可的照相馆出具）", en="Photograph receipt from a recognised studio"),
            Text(zh="《居民身份证申领登记表》", en="Application form for a resident ID card"),
        ),
    )

    def make(**changes: object) -> TicketPaper:
        return replace(usual, **changes)

    return make


@pytest.fixture
def make_referral(make_ticket: MakeTicket) -> MakeReferral:
    """The paper of a visitor who goes to the police branch instead, with the test's changes."""
    ticket = make_ticket()
    usual = ReferralPaper(
        number="PA031",
        site=OtherSite(
            site="police",
            name=Text(zh="竹溪县公安办证分中心", en="Zhuxi County Police Service Centre"),
            address=Text(zh="人民路 12 号", en="12 Renmin Road"),
            directions=Text(
                zh="出门左转，沿人民路走 400 米，过桥就到",
                en="Left at the door, 400 m along Renmin Road, behind the bridge",
            ),
            travel_min=6,
        ),
        service=ticket.service,
        area=Text(zh="一楼户政区", en="ID and household, ground floor"),
        issued_at=ticket.issued_at,
        kept_until=datetime(2026, 11, 22, 17, 31, tzinfo=UTC),
        time_zone="Asia/Shanghai",
        qr_address="http://192.168.1.10:8080/t/b3T5xY0q9LmZ2w1k",
        people_ahead=3,
        promise=Promise(low_min=6, high_min=20),
        materials=ticket.materials,
    )

    def make(**changes: object) -> ReferralPaper:
        return replace(usual, **changes)

    return make
