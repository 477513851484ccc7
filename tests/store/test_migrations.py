from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from plain_hall import PlainHall
from real_postgres import RealPostgres
from sqlalchemy import Engine, create_engine, inspect

from server.domain.model.catalogue import Catalogue
from server.store.county_database import open_county
from server.store.database import HEAD, MIGRATIONS, migrate, open_writer
from server.store.projection.rebuild import rebuild
from server.store.site_store import Store
from server.store.tables import metadata


def alembic(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = engine.connect()
    return config


def shape(engine: Engine) -> dict[str, object]:
    """Every table with its columns, keys and indexes, as the database itself describes them."""
    seen = inspect(engine)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)],
            seen.get_pk_constraint(table)["constrained_columns"],
            sorted((str(i["name"]), tuple(i["column_names"]), bool(i["unique"])) for i in seen.get_indexes(table)),
        )
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def without_rowid(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
        return set(rows.scalars())


def test_the_head_the_program_knows_is_alembics_own() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def known(engine: Engine) -> bool:
    """Whether a database has what the program knows, and nothing else."""
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_make_exactly_the_tables_the_program_knows_on_postgresql_too(postgres: RealPostgres) -> None:
    engine = open_county(postgres.database()).writer
    before = shape(engine)
    assert known(engine)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert shape(engine) == {}
    migrate(engine)
    assert shape(engine) == before
    assert known(engine)
    engine.dispose()


def test_migrations_make_exactly_the_tables_the_program_knows(engine: Engine, tmp_path: Path) -> None:
    assert known(engine)
    direct = create_engine(f"sqlite:///{tmp_path / 'direct.sqlite'}")
    metadata.create_all(direct)
    assert shape(engine) == shape(direct)
    assert without_rowid(engine) == without_rowid(direct)
    direct.dispose()


def test_a_database_goes_down_to_nothing_and_up_again(engine: Engine) -> None:
    before = shape(engine)
    config = alembic(engine)
    command.downgrade(config, "base")
    assert shape(engine) == {}
    command.upgrade(config, "head")
    config.attributes["connection"].close()
    assert shape(engine) == before


def test_older_tickets_get_the_moment_of_their_first_call(
    engine: Engine, path: Path, small_catalogue: Catalogue
) -> None:
    hall = PlainHall(small_catalogue)
    a_plain_day(hall)
    with Store(engine, site=small_catalogue.site).transaction() as transaction:
        transaction.write(hall.made)
    config = alembic(engine)
    command.downgrade(config, "0002")
    command.upgrade(config, "head")
    config.attributes["connection"].commit()
    config.attributes["connection"].close()
    engine.dispose()
    assert rebuild(path, small_catalogue, repair=False).differences == ()


def a_plain_day(hall: PlainHall) -> None:
    """A call, a missed one with a return, and one who is never called; nobody is promised anything."""
    hall.open()
    for _ in range(3):
        hall.issue()
    hall.serve(seconds=60)
    missed = hall.call_next()
    hall.no_show()
    hall.return_to_queue(missed.id)
    hall.serve(seconds=60)


def test_opening_a_database_of_today_changes_nothing(engine: Engine, path: Path, small_catalogue: Catalogue) -> None:
    hall = PlainHall(small_catalogue)
    store = Store(engine, site=small_catalogue.site)
    with store.transaction() as transaction:
        transaction.write(hall.made)
    store.close()
    engine.dispose()
    before = path.read_bytes()
    open_writer(path).dispose()
    assert path.read_bytes() == before
