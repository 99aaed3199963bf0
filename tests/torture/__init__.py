"""Torture: real processes, killed, stopped, starved of disk and lied to, which may lose nothing and double nothing."""
