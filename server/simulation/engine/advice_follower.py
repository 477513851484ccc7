"""Managers who accept the county's advice: until the day ends a window helps with other services."""

from __future__ import annotations

from functools import partial

from protocol.county import Help
from server.domain.county import advice
from server.domain.discipline import window_help
from server.simulation.engine.event_queue import EventQueue
from server.simulation.engine.simulated_hall import SimulatedHall
from server.simulation.scenario.scenario import Scenario

EVERY_MIN = 20.0
"""A hall is looked at so often, and one change is accepted at a time."""


def follow_advice(hall: SimulatedHall, scenario: Scenario, agenda: EventQueue) -> None:
    """Let the hall's manager accept the best proposal again and again until closing.

    Those that open a window are left: the windows of a scenario open when it says so.
    """
    rounds = int(scenario.close_min // EVERY_MIN)
    for number in range(1, rounds):
        agenda.at(number * EVERY_MIN, partial(_accept_best, hall))


def _accept_best(hall: SimulatedHall) -> None:
    found = advice.propose_changes(hall.hall, at=hall.moment, seed=hall.hall.seq)
    change = next((p.change for p in found if not p.change.opens), None)
    today = hall.hall.day
    if change is not None and today is not None:
        best = Help(proposal=str(hall.hall.seq), day=today, window=change.window, services=change.services)
        hall.help(window_help.accept_help(hall.hall, [best]))
