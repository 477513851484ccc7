"""The page of a hall's devices: each with its machine, its clock, its certificate and what is wrong with it."""
