"""What a simulation yields: metrics of a day, confidence intervals, comparisons and reports."""
