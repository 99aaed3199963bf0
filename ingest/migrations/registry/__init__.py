"""Registry migrations: of data/registry.db."""
