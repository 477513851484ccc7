"""Scenarios and the days drawn from them."""
