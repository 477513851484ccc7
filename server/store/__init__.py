"""What is kept: the journal, and the tables made from it. The only place that knows SQL."""
