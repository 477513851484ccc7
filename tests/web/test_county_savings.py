"""The report on what balancing saved, read slowly."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from nicegui import Client, ui
from nicegui.page import page

from protocol.journal import Moment
from protocol.vocabulary import Language
from server.domain.county.savings import Savings
from server.web.staff.county.savings_section import WEEK, SavingsSection

NOW = Moment(at=datetime(2026, 6, 1, 1, tzinfo=UTC), boot="boot-1", mono_s=1.0)
WEEKS = [date(2026, 6, 1), date(2026, 5, 25)]


class SlowCounty:
    """Has a report of each week, with as many offers as its last day says, when the test lets it."""

    time_zone = "Asia/Shanghai"

    def __init__(self) -> None:
        self.read = {day: asyncio.Event() for day in WEEKS}

    def now(self) -> Moment:
        return NOW

    def sites(self) -> dict[str, Any]:
        return {}

    async def savings(self, first: date, last: date) -> Savings:
        assert last - first == WEEK
        await self.read[last].wait()
        nobody = Counter[str]()
        return Savings(
            offers=last.day,
            referred=(),
            declined=(),
            failed=nobody,
            unresolved=0,
            proposals=nobody,
            accepted=(),
        )


async def two_choices(*finished: date) -> str:
    """Choose this week and at once the one before; return what is shown when both were read in this order."""
    county = SlowCounty()
    client = Client(page("/savings"))
    section = SavingsSection(county, Language.EN)  # type: ignore[arg-type] - the page uses no more of a county

    async def build() -> None:
        with client.content:
            await section.build()

    choices = {WEEKS[0]: asyncio.create_task(build())}
    await asyncio.sleep(0)
    choices[WEEKS[1]] = asyncio.create_task(section._choose(WEEKS[1]))
    await asyncio.sleep(0)
    for day in finished:
        county.read[day].set()
        await choices[day]
    shown = [e.content for e in client.elements.values() if isinstance(e, ui.html)]
    client.delete()
    return "".join(shown)


def test_the_week_chosen_last_is_shown_whichever_is_read_last() -> None:
    for finished in (WEEKS, WEEKS[::-1]):
        shown = asyncio.run(two_choices(*finished))
        assert "<b>25</b>" in shown
        assert "<b>1</b>" not in shown
