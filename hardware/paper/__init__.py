"""What stands on paper: a ticket or a referral as a picture."""
