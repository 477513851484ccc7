"""Drivers of a hall's devices, each with its simulated twin: ticket printer, paper, window panel, voice."""
