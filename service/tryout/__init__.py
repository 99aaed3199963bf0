"""A user's own history: recorded tables read, mended, judged by the shipped detectors, and told as a page."""
