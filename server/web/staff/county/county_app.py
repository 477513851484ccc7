"""The county's pages as one web application. NiceGUI is loaded with this module."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from server.domain.county.proposal_book import COUNTY
from server.web.county_service import CountyService
from server.web.staff import login_page
from server.web.staff.county import county_page, page_frame
from server.web.staff.nicegui_app import web_application


def county_pages(county: CountyService, *, secret: str, folder: Path) -> FastAPI:
    """Return the application of the county; one of a process, for NiceGUI has one set of pages."""
    target = login_page.LoginTarget(service=county, homes={"manager": page_frame.HOME}, command="jiaohao-county")
    app = web_application(target, county_page.router(county), name=COUNTY, secret=secret, folder=folder)
    county_page.add(county)
    return app
