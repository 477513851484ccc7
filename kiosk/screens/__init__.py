"""Every page of the kiosk, drawn from its state and nothing else."""
