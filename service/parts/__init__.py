"""Parts: one process of the service a file, so that each imports only what it needs."""
