"""What sensor.fault is made of."""
