"""Pages for visitors: the ticket on the phone."""
