"""Whom a window calls next."""
