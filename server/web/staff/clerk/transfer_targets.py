"""To which services a visitor can be transferred, and how they are found by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.text.window_names import bare_label, window_word
from protocol.vocabulary import ServiceId, Text, WindowId
from server.domain.discipline.queue_order import windows_serving
from server.domain.model.hall import Hall

LABELS_SHOWN = 4
"""Largest number of windows that are named beside a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTarget:
    """One service, with the windows that take it; ``search`` is all by which it is found, in lower case."""

    service: ServiceId
    name: Text
    search: str

    def is_found_by(self, typed: str) -> bool:
        """Whether each word that was typed stands in its letter or name, or in a label or name of its windows."""
        return all(word in self.search for word in typed.casefold().split())


def transfer_targets(hall: Hall, window: WindowId) -> tuple[TransferTarget, ...]:
    """Return the services that the visitor at a window can be transferred to, in the site's order."""
    at_window = hall.open_ticket(hall.window(window).ticket)
    own = at_window.service if at_window else None
    served = [(s, windows_serving(hall, s.id)) for s in hall.site.catalogue.services if s.id != own]
    return tuple(_target(hall, service.id, windows) for service, windows in served if windows)


def _target(hall: Hall, service: ServiceId, windows: Sequence[WindowId]) -> TransferTarget:
    known = hall.site.services[service]
    at = [hall.site.windows[window] for window in windows]
    more = "…" if len(at) > LABELS_SHOWN else ""
    labels = [bare_label(window.label) for window in at[:LABELS_SHOWN]]
    found_by = (known.letter, known.name.zh, known.name.en, *(t for w in at for t in (w.label, w.name.zh, w.name.en)))
    return TransferTarget(
        service=service,
        name=Text(
            zh=f"{known.letter} {known.name.zh} · {'、'.join(labels)}{more} {window_word(labels[-1]).zh}",
            en=f"{known.letter} {known.name.en} · window {', '.join(labels)}{more}",
        ),
        search=" ".join(found_by).casefold(),
    )
