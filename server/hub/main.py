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
from server.http_server.uvicorn_server import listen, serve
from server.hub.app import LARGEST_BODY, create_app
from server.hub.data_folder import prepare_data
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
    for remark in text_remarks(catalogue):
        log.warning("%s: %s", settings.catalogue, remark)
    if options.check:
        return report_sound(options.settings)
    with hold_exclusively(settings.data):
        listening = listen(settings.host, settings.port, file="hub.toml")
        prepare_data(settings, catalogue)
        serve(
            create_app(settings, with_staff_pages=True),
            listening,
            limits=settings.limits,
            largest_body=LARGEST_BODY,
            proxies=settings.proxies,
        )
    return DONE


if __name__ == "__main__":
    sys.exit(main())
