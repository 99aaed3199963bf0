"""What the detectors of camera events share, and what each of them is made of."""
