"""A clerk's panel: buttons, lamp, and the agent that carries presses to the hub."""
