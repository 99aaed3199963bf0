"""Commands: what the command line can do, a subject a file; each imports what it needs only once it is called."""
