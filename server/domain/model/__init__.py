"""Frozen values: the state of a site."""
