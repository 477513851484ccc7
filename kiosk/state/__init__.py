"""The kiosk's state machine: pure, without clock, network or window."""
