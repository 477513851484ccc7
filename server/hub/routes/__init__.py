"""The hub's HTTP interface under ``/v1``."""
