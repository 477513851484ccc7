"""What a device does with what its hub gave it: files of certificate and settings, and their renewal."""
