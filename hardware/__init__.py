"""Drivers of a hall's devices, each beside its simulated twin: ticket printer, paper, window panel, voice."""
