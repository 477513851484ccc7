"""Whether a machine works as it was set up: a sentence for each thing that does not."""
