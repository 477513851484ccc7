"""The county's digital twin: a discrete-event simulation that runs the rules of ``server.domain`` unchanged."""
