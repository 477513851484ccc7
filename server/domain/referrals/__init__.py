"""Rules of referrals between sites."""
