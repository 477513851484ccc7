"""A place is cancelled on the page only where it is owned: not while the other hall may still give it up."""

from __future__ import annotations

from plain_county import county_of, everywhere

from protocol.vocabulary import WindowState
from server.domain.desk import calls
from server.domain.model.catalogue import Catalogue
from server.web.visitor import cancel_page, referral_view_model

HERE, THERE = "here", "there"


def test_a_place_that_is_only_reserved_expires_by_itself_and_cannot_be_cancelled_on_its_page(
    small_catalogue: Catalogue,
) -> None:
    county = everywhere(
        county_of(small_catalogue, HERE, THERE),
        lambda c, s: c.does(s, calls.set_window(c.halls[s], window="window-1", state=WindowState.OPEN)),
    )
    county, referral = county.accepts(HERE, THERE, ticket=None)
    held = county.syncs(THERE)
    place = held.halls[THERE].places[referral].ticket
    assert place is not None
    assert cancel_page.cancellable_ticket(held.halls[THERE], place) is None
    box = referral_view_model.travelling_box(held.halls[THERE].tickets[place], held.halls[THERE])
    assert "到时没有报到，位置自动取消" in box.lines[-1].zh
    assert box.cancel_address is None

    owned = held.syncs(HERE).syncs(THERE).halls[THERE]
    assert cancel_page.cancellable_ticket(owned, place) == owned.tickets[place]
    assert referral_view_model.travelling_box(owned.tickets[place], owned).cancel_address == f"/t/{place}/cancel"
