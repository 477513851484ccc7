"""The discrete-event simulation of a county's day."""
