"""What the detectors of elevators share, and what each of them is made of."""
