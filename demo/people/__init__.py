"""Simulated visitors and clerks, one thread each, and the random sources that make a run repeatable."""
