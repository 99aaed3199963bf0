"""What the detectors of pumps share, and what each of them is made of."""
