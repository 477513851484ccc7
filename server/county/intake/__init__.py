"""Receives the sites' journals and answers each site with what concerns it."""
