"""Migrations: how the main database came to be, one step a file; run by `alerts.database.Database`."""
