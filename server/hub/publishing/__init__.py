"""What a hub publishes over MQTT, and its forecast."""
