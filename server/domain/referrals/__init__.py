"""Rules of visitors sent between sites."""
