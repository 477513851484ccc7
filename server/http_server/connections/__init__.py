"""Connections of a server: its listeners, and the bounds on what peers make it keep."""
