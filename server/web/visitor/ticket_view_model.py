"""The state of a visitor's ticket, as text for the box on its page."""

from __future__ import annotations

from protocol.answers import TicketAnswer
from protocol.text.waits import closing_note, expected_wait, people_ahead
from protocol.vocabulary import ServiceId, Text, TicketState
from server.domain.model.hall import Hall
from server.web.visitor import visitor_text as text
from server.web.visitor.referral_view_model import travelling_box
from server.web.visitor.state_box import StateBox


def ticket_box(shown: TicketAnswer, hall: Hall, *, is_open: bool) -> StateBox:
    """Return the box of a ticket; ``is_open`` is whether it is of today and may go on.

    An assumed end may be undone the whole day.
    """
    ticket = hall.tickets.get(shown.id)
    if ticket is not None and ticket.state is TicketState.TRAVELLING:
        return travelling_box(ticket, hall)
    match shown.state:
        case TicketState.WAITING:
            return _waiting(shown, hall)
        case TicketState.CALLED:
            return _at_window("called", text.go_to_window(shown.window_label or "?"), shown, hall)
        case TicketState.SERVING:
            return _at_window("serving", text.served_at_window(shown.window_label or "?"), shown, hall)
        case TicketState.NO_SHOW:
            return _no_show(shown, hall, is_open=is_open)
        case state:
            title, line = text.ENDED.get(state, text.EXPIRED)
            if shown.assumed and is_open:
                title, line = text.ASSUMED_FINISHED
            return StateBox(kind="ended", title=title, lines=(line,))


def service_name(hall: Hall, service: ServiceId) -> Text:
    """Return the name of a service; one that the site no longer has keeps its id."""
    known = hall.site.services.get(service)
    return known.name if known else Text(zh=service, en=service)


def materials_of(hall: Hall, service: ServiceId) -> tuple[Text, ...]:
    """Return all that a visitor must bring for a service; nothing for one that the site no longer has."""
    known = hall.site.services.get(service)
    return known.materials if known else ()


def _waiting(shown: TicketAnswer, hall: Hall) -> StateBox:
    people = () if shown.people_ahead is None else (people_ahead(shown.people_ahead),)
    note = closing_note(shown.promise)
    lines = [*people, expected_wait(shown.promise), *([] if note is None else [note])]
    service = hall.site.services.get(shown.service)
    if service is not None:
        lines.append(text.wait_in(hall.site.areas[service.area].name))
    return StateBox(
        kind="waiting",
        title=text.WAITING,
        lines=tuple(lines),
        large_lines=len(people) + (shown.promise is not None) + (note is not None),
    )


def _at_window(kind: str, title: Text, shown: TicketAnswer, hall: Hall) -> StateBox:
    window = hall.site.windows.get(shown.window) if shown.window else None
    lines = (hall.site.areas[window.area].name,) if window else ()
    return StateBox(kind=kind, title=title, lines=lines, large_lines=1)


def _no_show(shown: TicketAnswer, hall: Hall, *, is_open: bool) -> StateBox:
    title, line = text.NO_SHOW, _missed_call(shown, hall)
    if not is_open:
        title, line = text.EXPIRED
    elif shown.called_at is None:
        title, line = text.NOT_ARRIVED
    elif shown.assumed:
        title, line = text.ASSUMED_NO_SHOW, text.called_before(shown.number, _last_window(shown, hall))
    return StateBox(kind="passed", title=title, lines=(line,))


def _last_window(shown: TicketAnswer, hall: Hall) -> str:
    """Return the label of the window that called a ticket last."""
    return next((call.window_label for call in hall.calls if call.number == shown.number), "?")


def _missed_call(shown: TicketAnswer, hall: Hall) -> Text:
    rules = hall.site.catalogue.rules
    if rules.returns == 0:
        return text.missed_call(shown.number)
    return text.missed_call_can_return(shown.number, rules.return_behind)
