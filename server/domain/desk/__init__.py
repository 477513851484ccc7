"""Rules of one hall: issue, call, print, notice."""
