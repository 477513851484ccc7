"""Forecasts of all sites, and proposals to the managers."""
