"""How programs reach the hub, the county and the broker."""
