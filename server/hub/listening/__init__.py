"""The ports of a hub: who connects where, and the certificate with which it serves there."""
