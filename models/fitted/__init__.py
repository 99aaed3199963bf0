"""Models fitted to a site's own history: what they are, how they are stored, and how they change what is said."""
