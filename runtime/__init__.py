"""What every program of ours needs to run: start-up, workers, retries, liveness."""
