"""The county's time confirms the clock of a hub without a time service, or contradicts it."""

from __future__ import annotations

from pathlib import Path

from real_county import RealCounty
from real_hall import until


def test_a_hub_without_a_time_service_is_confirmed_by_its_county(tmp_path: Path) -> None:
    with RealCounty(tmp_path / "county", ["tax"]) as county, county.hub("tax") as hall:
        hall.hub.stop()
        hall.clock.change(source="none", boot="without-a-time-service")
        hall.start_hub()
        until(lambda: hall.health().clock_trusted, what="the county confirms the clock")
        day = hall.health().business_day
        hall.hub.stop()
        hall.clock.change(ahead_s=3 * 86_400.0, boot="three-days-ahead", source="rtc")
        hall.start_hub()
        until(lambda: hall.health().parts["clock"].state == "failed", what="the county contradicts the clock")
        assert hall.health().business_day == day
