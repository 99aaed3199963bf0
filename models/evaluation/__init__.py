"""What the detectors reach, measured on data whose truth is known."""
