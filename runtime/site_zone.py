"""The zone of a site is the hub's to give: a device whose own file names another one is warned of."""

from __future__ import annotations

import logging
from functools import cache

log = logging.getLogger(__name__)


@cache
def warn_of_other_zone(in_file: str | None, *, of_site: str) -> None:
    """Log, once for each pair, that the device's file names another time zone than the site has."""
    if in_file is not None and in_file != of_site:
        log.warning(
            "设置文件里的 time_zone = %r 无效，本站点的时区是 %r，请删去这一行 / "
            "time_zone = %r in the settings file has no effect: the site's zone is %r; delete the line",
            *(in_file, of_site, in_file, of_site),
        )
