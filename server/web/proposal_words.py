"""A proposal as a sentence, with the names that people use."""

from __future__ import annotations

from protocol.journal import ProposalMade
from protocol.messages import Language, Text
from server.domain.hall import Offer
from server.domain.savings import Accepted
from server.web import county_words as words
from server.web.served_county import County


def asks(county: County, asked: ProposalMade | Accepted) -> Text:
    """Return what a proposal asks for; a site, window or service that is gone keeps its id."""
    return Text(zh=_asks(county, asked, Language.ZH), en=_asks(county, asked, Language.EN))


def _asks(county: County, asked: ProposalMade | Accepted, language: Language) -> str:
    offer = _offer(county, asked.site)
    known = offer.services if offer else {}
    between = "、" if language is Language.ZH else ", "
    services = between.join(known[s].name.in_language(language) if s in known else s for s in asked.services)
    window = _label(offer, asked.window)
    if asked.from_site is None or asked.from_window is None:
        return words.helps(window, services, opens=asked.opens).in_language(language)
    goes = words.moves(
        window,
        _name(county, asked.site, language),
        services,
        from_window=_label(_offer(county, asked.from_site), asked.from_window),
        from_site=_name(county, asked.from_site, language),
    )
    return goes.in_language(language)


def _offer(county: County, site: str) -> Offer | None:
    state = county.sites().get(site)
    return state.picture.hall.offer if state and state.picture else None


def _label(offer: Offer | None, window: str) -> str:
    return offer.windows[window].label if offer and window in offer.windows else window


def _name(county: County, site: str, language: Language) -> str:
    state = county.sites().get(site)
    return state.place.name.in_language(language) if state else site
