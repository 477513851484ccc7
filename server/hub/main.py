"""``jiaohao-hub``: the hub of one site."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from protocol.settings import load_settings
from runtime.run_command import DONE, add_check_option, add_settings_option, command_parser, report_sound, run_command
from server.domain.model.catalogue import Catalogue
from server.domain.model.text_remarks import text_remarks
from server.http_server.uvicorn_server import serve
from server.hub.access import Access, unbound_text
from server.hub.app import LARGEST_BODY, create_app
from server.hub.data_folder import prepare_data
from server.hub.listening.hub_listeners import hub_listeners
from server.hub.settings import SETTINGS_FILE, HubSettings
from server.store.file_lock import hold_exclusively

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the hub until a signal stops it; returns the exit code."""
    parser = command_parser("jiaohao-hub", description="站点服务器 / the hub of one site")
    add_settings_option(parser, default=SETTINGS_FILE)
    add_check_option(parser)
    return run_command(parser, _run, arguments)


def _run(options: argparse.Namespace) -> int:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    path: Path = options.settings
    settings = load_settings(HubSettings, path).from_folder(path.parent)
    catalogue = load_settings(Catalogue, settings.catalogue)
    remarks = [f"{settings.catalogue}: {remark}" for remark in (*text_remarks(catalogue), *_unserved(catalogue))]
    if options.check:
        unbound = Access(settings.data, site=catalogue.site).unbound_panels()
        panels = [unbound_text(panel).on_one_line() for panel in unbound]
        return report_sound(path, _summary(catalogue), *remarks, *panels)
    for remark in remarks:
        log.warning("%s", remark)
    with hold_exclusively(settings.data, database=settings.database), hub_listeners(settings) as listeners:
        prepare_data(settings, catalogue)
        serve(
            create_app(settings, with_staff_pages=True),
            listeners,
            limits=settings.limits,
            largest_body=LARGEST_BODY,
            proxies=settings.proxies,
        )
    return DONE


def _unserved(catalogue: Catalogue) -> list[str]:
    return [f"services[{name}]: 没有窗口办理 / no window serves it" for name in catalogue.unserved()]


def _summary(catalogue: Catalogue) -> str:
    counts = len(catalogue.departments), len(catalogue.services), len(catalogue.windows)
    zh = "{} 个部门，{} 个事项，{} 个窗口".format(*counts)
    en = "{} departments, {} services, {} windows".format(*counts)
    return f"{catalogue.name.zh}: {zh} / {en}"


if __name__ == "__main__":
    sys.exit(main())
