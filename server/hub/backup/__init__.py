"""Backup of a hub: one encrypted file with its journal, keys, passcodes and settings, and the way back."""
