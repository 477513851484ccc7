"""Clock, version, change notification, and the forecast in a process of its own."""
