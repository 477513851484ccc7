"""How a site's devices get key and certificate: by a one-time code over the network, or by hand."""
