"""Queries over the tables: figures, savings, learned times, tickets."""
