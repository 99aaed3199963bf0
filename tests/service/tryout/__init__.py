"""Tests of `service.tryout`."""
