"""A place is withdrawn on the page only where it is owned: not while the other hall may still give it up."""

from __future__ import annotations

from plain_county import county_of, everywhere

from protocol.vocabulary import Language, WindowState
from server.domain.desk import calls
from server.domain.model.catalogue import Catalogue
from server.web.visitor import referral_blocks, withdrawal_page

HERE, THERE = "here", "there"


def test_a_place_that_is_merely_held_says_that_it_ends_by_itself_and_offers_no_withdrawal(
    small_catalogue: Catalogue,
) -> None:
    county = everywhere(
        county_of(small_catalogue, HERE, THERE),
        lambda c, s: c.does(s, calls.set_window(c.halls[s], window="window-1", state=WindowState.OPEN)),
    )
    county, referral = county.accepts(HERE, THERE, ticket=None)
    held = county.hears(THERE)
    place = held.halls[THERE].places[referral].ticket
    assert place is not None
    assert withdrawal_page.on_the_way(held.halls[THERE], place) is None
    told = referral_blocks.travelling(held.halls[THERE].tickets[place], held.halls[THERE], Language.ZH)
    assert "到时没有报到，位置自动取消" in told
    assert "/withdraw" not in told

    owned = held.hears(HERE).hears(THERE).halls[THERE]
    assert withdrawal_page.on_the_way(owned, place) == owned.tickets[place]
    assert f"/t/{place}/withdraw" in referral_blocks.travelling(owned.tickets[place], owned, Language.EN)
