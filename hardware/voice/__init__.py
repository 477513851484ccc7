"""Spoken announcements: phrases, sound, loudspeaker."""
