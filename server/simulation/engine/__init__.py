"""The discrete-event simulation of a county."""
