"""Serves the managers' pages next to the county's own interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from server.county.bootstrap import CountyServices
from server.county.county_pages_service import CountyPagesService
from server.web import error_page
from server.web.staff.lazy_mount import mount_lazily

PATHS = frozenset({"county"})
"""First path segments of the managers' pages."""


@asynccontextmanager
async def managers_pages(app: FastAPI, county: CountyServices) -> AsyncIterator[None]:
    """Serve the managers' pages while the block lasts, and the page of errors."""
    error_page.add(app)

    def load() -> FastAPI:
        application: Any = import_module("server.web.staff.county.county_app")
        secret, folder = county.access.session_secret(), county.settings.data / "web"
        pages: FastAPI = application.county_pages(CountyPagesService(county), secret=secret, folder=folder)
        return pages

    async with mount_lazily(app, load, paths=PATHS):
        yield
