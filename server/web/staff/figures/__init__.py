"""Tables, charts and CSV files of a day."""
