"""What the next press says of a called visitor whom nobody recorded: served by a clerk of one key, or absent.

A clerk who presses only "call next" ends visits by it; a clerk whose visitor did not come presses the same key, sooner.
Both are told apart by how likely the time between call and press is: as a serving time of that service, or as a wait
for somebody who does not come (a Bayes factor with unequal costs). Whatever is assumed is marked as assumed, counted
apart, and can be undone the whole day.
"""

from __future__ import annotations

import math

from protocol.journal import Moment
from server.domain.forecast.service_times import Lognormal, usual_time
from server.domain.forecast.simulation_input import no_show_share
from server.domain.model.hall import Hall
from server.domain.model.tickets import Ticket

SHORTEST_WALK_S = 10.0
"""Time below which nobody has come from the waiting area to a window, seconds."""
PATIENCE = Lognormal(math.log(35.0), 0.6)
"""Distribution of the time that a clerk waits for a called visitor who does not come: half press again within 35 s."""
COST = 3.0
"""Weight of an absent visitor taken for served, against a served one taken for absent: only the first is harmed."""

LEAST_ABSENT = 0.05
"""Least share of called visitors taken to be absent: where nobody records absences, none can be learned."""


def was_served(hall: Hall, ticket: Ticket, *, at: Moment) -> bool:
    """Whether a called ticket whose start nobody recorded is taken to have been served by the time ``at``."""
    if ticket.called is None:
        return False
    waited_s = at.since(ticket.announced or ticket.called)
    served_s = waited_s - SHORTEST_WALK_S
    if served_s <= 0:
        return False
    usual = usual_time(hall, ticket.service)
    absent = max(LEAST_ABSENT, no_show_share(hall.learned.came))
    return served_s >= usual.mode_s or (1 - absent) * usual.density(served_s) >= (
        COST * absent * PATIENCE.density(waited_s)
    )
