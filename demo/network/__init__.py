"""The brokers of the demo, and the network cable between one branch and the county."""
