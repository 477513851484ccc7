"""The business day: the only package that ends everything."""
