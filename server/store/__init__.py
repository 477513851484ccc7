"""The databases: journal, projections, queries. The only package with SQL."""
