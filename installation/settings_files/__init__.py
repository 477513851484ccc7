"""Makes the settings files of the programs from the answers."""
