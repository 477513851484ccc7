"""Figures as files that a spreadsheet opens."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from protocol.vocabulary import Language
from server.web.site_service import SiteReader
from server.web.staff.figures import figures_table

Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
"""A day somebody may ask for: the calendar must not end around it."""


async def figures_csv(site: SiteReader, day: date, by: figures_table.GroupBy, *, language: Language) -> Response:
    """Return a day's figures as a file."""
    sheet = figures_table.figures_table(await site.figures(day), by, offer=site.hall.site, language=language)
    return csv_file(figures_table.as_csv(sheet), name=f"{day:%Y-%m-%d}-{by.value}")


def csv_file(content: str, *, name: str) -> Response:
    """Return a CSV file to keep."""
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )
