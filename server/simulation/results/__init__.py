"""What a simulation shows: metrics, confidence intervals, reports."""
