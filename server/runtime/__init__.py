"""What both servers run on: clock, version, change notification, and forecasts in a process of their own."""
