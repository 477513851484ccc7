"""The staff's pages as one web application: login, clerk, manager. NiceGUI is loaded with this module."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from nicegui import app as nicegui_app
from nicegui import ui, ui_run_with
from nicegui.storage import Storage
from starlette.middleware.sessions import SessionMiddleware

from server.auth import session
from server.http_server import errors
from server.web import error_page
from server.web.site_service import SiteService
from server.web.staff import login_page
from server.web.staff.clerk import clerk_page
from server.web.staff.devices import devices_page
from server.web.staff.manager import manager_page
from server.web.staff.staff_only import StaffOnly

MESSAGES_KEPT = 50
"""Number of updates that NiceGUI keeps for a page that lost its connection; one that missed more reloads itself."""


class _EmptyGc:
    """Replaces ``gc`` where NiceGUI starts: it would search all objects of the process for its server.

    While the list of them lives, CPython fails to end a tuple that another thread is just making from a generator
    (``SystemError``, bad argument to internal function), and the command on that thread with it. The server is only
    needed for NiceGUI's ``app.shutdown()``, which neither hub nor county calls.
    """

    @staticmethod
    def get_objects() -> list[object]:
        """Return an empty list."""
        return []


ui_run_with.gc = _EmptyGc  # type: ignore[attr-defined, assignment]


def staff_pages(site: SiteService, *, secret: str, folder: Path) -> FastAPI:
    """Return the application of a hub; one of a process, for NiceGUI has one set of pages."""
    target = login_page.LoginTarget(service=site, homes=login_page.HOME, command="jiaohao-admin")
    name = site.hall.site.catalogue.site
    app = web_application(target, manager_page.router(site), name=name, secret=secret, folder=folder)
    clerk_page.add(site)
    manager_page.add(site)
    devices_page.add(site)
    return app


def web_application(
    target: login_page.LoginTarget, files: APIRouter, *, name: str, secret: str, folder: Path
) -> FastAPI:
    """Return an application with a login and the routes of files, to which pages are added.

    ``name`` is of this server alone: browsers send one machine's cookies to every server on it, whatever its port.
    ``secret`` signs sessions; ``folder`` is the only place NiceGUI may write to.
    """
    Storage.path = folder
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    errors.install(app)
    for pages in (app, nicegui_app):
        error_page.add(pages)
    errors.install_handlers(nicegui_app)  # in place of NiceGUI's own pages, which are in English alone
    nicegui_app.add_exception_handler(404, errors.on_http_error)
    app.add_middleware(StaffOnly, homes=target.homes)
    app.add_middleware(  # after StaffOnly, which reads the session: the last one added is called first
        SessionMiddleware,
        secret_key=secret,
        session_cookie=f"jiaohao_{name}",
        max_age=session.LASTS_S,
        same_site="strict",
    )
    app.include_router(login_page.router(target))
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
