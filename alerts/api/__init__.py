"""API: the ticket API and what the crew page reads."""
