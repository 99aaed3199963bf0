"""Alerts: from findings to somebody's job."""
