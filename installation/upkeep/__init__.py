"""Keeps a machine going that was set up: a bundle for support, the way back to an older package, trials of hardware."""
