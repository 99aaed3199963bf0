"""Service: command line, settings, wiring, processes and health."""
