"""Runtime of both servers: clock, version, change notification, and forecasts in a process of their own."""
