"""The journal on disk and its chain, of one site or of all."""
