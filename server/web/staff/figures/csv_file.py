"""Figures as CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response

from protocol.vocabulary import Language
from server.web.site_service import SiteReader
from server.web.staff.figures import figures_table

Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
"""A day in a query: the calendar must not end around it."""
BYTE_ORDER_MARK = "\ufeff"
"""First character of a CSV file: Excel takes a file for UTF-8 only when it begins with this."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


async def figures_csv(site: SiteReader, day: date, by: figures_table.GroupBy, *, language: Language) -> Response:
    """Return a day's figures as a file."""
    table = figures_table.figures_table(await site.figures(day), by, site=site.hall.site, language=language)
    return csv_file(csv_text((table.head, *table.rows, table.whole)), name=f"{day:%Y-%m-%d}-{by.value}")


def csv_file(content: str, *, name: str) -> Response:
    """Return the download of a CSV file; ``name`` is without its extension."""
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )


def csv_text(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows as the text of a CSV file that Excel opens."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    csv.writer(out, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a negative number is none."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} and not _NUMBER.fullmatch(cell) else cell
