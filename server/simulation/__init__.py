"""The county as a discrete-event twin: it runs the rules of ``server.domain`` unchanged on a day told as data."""
