"""Printed paper: a ticket or a referral drawn as a picture."""
