"""Whom machines of a site trust: its certificate authority, and codes with which a device is enrolled."""
