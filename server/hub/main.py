"""``jiaohao-hub``: one site's hub."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from protocol.settings import SettingsError, load_settings, sentence_of
from server.domain.model.catalogue import Catalogue
from server.http_server.uvicorn_server import listen, serve
from server.hub.access import Access
from server.hub.app import create_app
from server.hub.settings import HubSettings
from server.store.database import open_writer
from server.store.file_lock import hold_exclusively
from server.store.site_store import Store


def main() -> None:
    """Run until told to stop; a setting or a port that cannot be used is one sentence and exit code 2."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--settings", type=Path, default=Path("/etc/jiaohao/hub.toml"), help="hub.toml")
    path = arguments.parse_args().settings
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = load_settings(HubSettings, path).from_folder(path.parent)
        catalogue = load_settings(Catalogue, settings.catalogue)
        with hold_exclusively(settings.data):
            listening = listen(settings.host, settings.port, file="hub.toml")
            _check(settings, catalogue)
            serve(create_app(settings, with_staff_pages=True), listening, proxies=settings.proxies)
    except (SettingsError, OSError) as error:
        print(f"jiaohao-hub: {sentence_of(error)}", file=sys.stderr)  # noqa: T201 - one sentence for the technician
        sys.exit(2)


def _check(settings: HubSettings, catalogue: Catalogue) -> None:
    """Try what may be wrong with the data folder before anything is served. Raises StoreFault, AccessFault."""
    Access(settings.data, site=catalogue.site).prepare()
    engine = open_writer(settings.database)
    Store(engine, site=catalogue.site).close()
    engine.dispose()


if __name__ == "__main__":
    main()
