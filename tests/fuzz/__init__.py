"""Fuzz: damaged messages of every wire format against the real decoder and judge."""
