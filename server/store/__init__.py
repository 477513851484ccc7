"""The databases: the journal, its projections and the queries over them. The only package that knows SQL."""
