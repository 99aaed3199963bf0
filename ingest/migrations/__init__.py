"""Migrations: how the files of this room came to be, one step a file."""
