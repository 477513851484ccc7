"""Keys, passcodes and sessions of hub and county."""
