"""A clerk's panel: buttons, lamp, and the agent that asks the hub."""
