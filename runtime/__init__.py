"""Runtime of all programs: command line, workers, backoff, liveness."""
