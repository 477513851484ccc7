"""Threads of a kiosk for hub, printer and broker, so that its screen never waits."""
