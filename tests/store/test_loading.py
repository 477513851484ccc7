from __future__ import annotations

from pathlib import Path

import pytest
from plain_hall import PlainHall
from sqlalchemy import Engine

from protocol.vocabulary import PrintOutcome, Promise, Text
from server.domain.desk import issuance, notices
from server.domain.model.catalogue import Catalogue
from server.store.database import open_writer
from server.store.site_store import Store


def keep(store: Store, hall: PlainHall) -> None:
    with store.transaction() as transaction:
        transaction.write(hall.made)
    hall.made.clear()


def test_an_empty_database_is_a_hall_before_its_first_day(store: Store, small_catalogue: Catalogue) -> None:
    loaded = store.load(small_catalogue)
    assert (loaded.seq, loaded.day, loaded.tickets) == (0, None, {})
    assert store.last_written() is None


def test_a_hall_loads_as_it_was_left(store: Store, busy: PlainHall, small_catalogue: Catalogue) -> None:
    keep(store, busy)
    assert store.load(small_catalogue) == busy.hall
    assert store.last_written() == busy.moment.at


def test_every_prefix_of_a_history_loads_as_it_was(store: Store, busy: PlainHall, small_catalogue: Catalogue) -> None:
    for step in busy.made:
        with store.transaction() as transaction:
            transaction.write([step])
        assert store.load(small_catalogue) == step.after


def test_a_hub_that_starts_on_the_next_day_knows_what_matters_of_the_days_before(
    store: Store, busy: PlainHall, small_catalogue: Catalogue
) -> None:
    busy.do(notices.change_notice(busy.hall, text=Text(zh="明天停电", en="No power tomorrow")))
    for _ in range(3):
        busy.wait(86_400)
        busy.turn_day()
        busy.open()
        busy.issue("household")
        busy.serve("window-1", seconds=200)
    keep(store, busy)
    loaded = store.load(small_catalogue)
    assert loaded == busy.hall
    assert busy.measured() == {"id-card": [300.0], "household": [200.0, 200.0, 200.0]}
    assert loaded.notice.en == "No power tomorrow"


def test_serving_times_of_a_service_that_went_and_came_back_are_remembered(
    store: Store, hall: PlainHall, small_catalogue: Catalogue
) -> None:
    hall.issue("invoice")
    hall.serve("window-3", seconds=500)
    hall.change(
        small_catalogue.model_copy(
            update={
                "services": tuple(s for s in small_catalogue.services if s.id != "invoice"),
                "windows": tuple(w for w in small_catalogue.windows if w.id != "window-3"),
            }
        )
    )
    hall.wait(86_400)
    hall.turn_day()
    keep(store, hall)
    assert store.load(small_catalogue) == hall.hall
    hall.change(small_catalogue)
    keep(store, hall)
    assert store.load(small_catalogue) == hall.hall
    assert hall.measured() == {"invoice": [500.0]}


def test_absences_and_broken_promises_of_earlier_days_are_remembered_in_their_order(
    store: Store, hall: PlainHall, small_catalogue: Catalogue
) -> None:
    for waits in (3, 30, 300, 3000):
        promise = Promise(low_min=0, high_min=5, p50_min=1, p80_min=5, p90_min=10)
        for promised in (None, promise, promise):
            hall.issue(promise=promised)
        hall.wait(waits)
        hall.call_next()
        hall.no_show()
        hall.call_number(hall.queue()[-1])
        hall.start()
        hall.call_next()
        hall.finish()
        hall.wait(86_400)
        hall.turn_day()
        hall.open()
    keep(store, hall)
    assert store.load(small_catalogue) == hall.hall
    assert hall.hall.learned.came == (False, True, True) * 4
    assert [o.p50 for o in hall.hall.learned.outcomes] == [False, False, True, True]
    assert [o.p90 for o in hall.hall.learned.outcomes] == [False, False, False, True]


def test_the_description_in_the_journal_wins_over_the_one_in_the_file(
    store: Store, hall: PlainHall, small_catalogue: Catalogue
) -> None:
    renamed = small_catalogue.model_copy(update={"name": Text(zh="新厅", en="New hall")})
    hall.change(renamed)
    keep(store, hall)
    assert store.load(small_catalogue).site.catalogue == renamed


@pytest.mark.parametrize("outcome", [PrintOutcome.PRINTED, PrintOutcome.FAILED, PrintOutcome.UNKNOWN])
def test_print_jobs_load_with_their_outcome(
    store: Store, hall: PlainHall, small_catalogue: Catalogue, outcome: PrintOutcome
) -> None:
    ticket = hall.issue(print_device="kiosk-1")
    hall.do(issuance.end_print(hall.hall, job=f"{ticket.id}.1", outcome=outcome, reason="说明"))
    hall.do([issuance.reprint(hall.hall, ticket=ticket.id, device="kiosk-2")])
    keep(store, hall)
    assert store.load(small_catalogue).prints == hall.hall.prints


def test_a_database_is_opened_again_without_loss(
    engine: Engine, path: Path, busy: PlainHall, small_catalogue: Catalogue
) -> None:
    first = Store(engine, site=small_catalogue.site)
    keep(first, busy)
    first.close()
    engine.dispose()
    again = open_writer(path)
    second = Store(again, site=small_catalogue.site)
    assert second.load(small_catalogue) == busy.hall
    second.close()
    again.dispose()
