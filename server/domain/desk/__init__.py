"""Rules of what happens in one hall: issue, call, print, notice."""
