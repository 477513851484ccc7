"""Whom machines of a site trust: certificate authorities, and one-time codes that enrol devices and join hubs."""
