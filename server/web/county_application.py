"""The county's pages as one web application. NiceGUI is loaded with this module."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from server.domain.county_facts import COUNTY
from server.web import county_page, login
from server.web.application import web_application
from server.web.served_county import County


def county_pages(county: County, *, secret: str, folder: Path) -> FastAPI:
    """Return the application of the county; one of a process, for NiceGUI has one set of pages."""
    entrance = login.Entrance(door=county, homes={"manager": county_page.HOME}, command="jiaohao-county")
    app = web_application(entrance, county_page.router(county), name=COUNTY, secret=secret, folder=folder)
    county_page.add(county)
    return app
