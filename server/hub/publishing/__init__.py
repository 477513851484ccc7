"""MQTT publishing of the hub's state, statuses of its devices, and its forecast."""
