"""Tests of models fitted to a site's own history."""
