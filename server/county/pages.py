"""The county serves its managers' pages beside its own interface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from server.county.county_site import CountyPages
from server.county.running import RunningCounty
from server.web.beside import served_beside

PATHS = frozenset({"county"})


@asynccontextmanager
async def managers_pages(app: FastAPI, county: RunningCounty) -> AsyncIterator[None]:
    """Serve the managers' pages while the block lasts."""

    def load() -> FastAPI:
        application: Any = import_module("server.web.county_application")
        secret, folder = county.access.session_secret(), county.settings.data / "web"
        pages: FastAPI = application.county_pages(CountyPages(county), secret=secret, folder=folder)
        return pages

    async with served_beside(app, load, paths=PATHS):
        yield
