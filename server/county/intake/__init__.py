"""Receives the sites' journals and makes each site's view."""
