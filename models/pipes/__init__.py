"""What the detectors of pipes share, and what each of them is made of."""
