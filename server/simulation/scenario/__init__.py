"""Scenarios and policies as data, and the visitors and visits drawn from them."""
