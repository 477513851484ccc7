"""Simulated visitors and clerks."""
