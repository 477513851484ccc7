"""The staff's pages as one web application: login, clerk, manager. NiceGUI is loaded with this module."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from nicegui import ui, ui_run_with
from nicegui.storage import Storage
from starlette.middleware.sessions import SessionMiddleware

from server.auth import session
from server.http_server import errors
from server.web.site_service import SiteService
from server.web.staff import login_page
from server.web.staff.clerk import clerk_page
from server.web.staff.manager import manager_page

MESSAGES_KEPT = 50
"""What a page may miss and be told again; one that missed more loads itself anew."""


class _NoObjects:
    """In the place of ``gc`` where NiceGUI begins: it would look for its server among all objects of the process.

    While the list of them lives, CPython fails to end a tuple that another thread is just making from a generator
    (``SystemError``, bad argument to internal function), and the command on that thread with it. Nobody misses the
    server: it is for NiceGUI's ``app.shutdown()``, which neither hub nor county calls.
    """

    @staticmethod
    def get_objects() -> list[object]:
        """Return none of them."""
        return []


ui_run_with.gc = _NoObjects  # type: ignore[attr-defined, assignment]


def staff_pages(site: SiteService, *, secret: str, folder: Path) -> FastAPI:
    """Return the application of a hub; one of a process, for NiceGUI has one set of pages."""
    entrance = login_page.LoginTarget(door=site, homes=login_page.HOME, command="jiaohao-admin")
    name = site.hall.site.catalogue.site
    app = web_application(entrance, manager_page.router(site), name=name, secret=secret, folder=folder)
    clerk_page.add(site)
    manager_page.add(site)
    return app


def web_application(
    entrance: login_page.LoginTarget, files: APIRouter, *, name: str, secret: str, folder: Path
) -> FastAPI:
    """Return an application with a way in and the routes of files, to which pages are added.

    ``name`` is of this server alone: browsers send one machine's cookies to every server on it, whatever its port.
    ``secret`` signs sessions; ``folder`` is the only place NiceGUI may write to.
    """
    Storage.path = folder
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    errors.install(app)
    app.add_middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie=f"jiaohao_{name}",
        max_age=session.LASTS_S,
        same_site="strict",
    )
    app.include_router(login_page.router(entrance))
    app.include_router(files)
    ui.run_with(
        app,
        title="Jiaohao",
        language="zh-CN",
        tailwind=False,
        show_welcome_message=False,
        message_history_length=MESSAGES_KEPT,
    )
    return app
