"""An example county on one machine: real programs, simulated hardware, simulated people."""
