"""What the whole chain reaches, from a simulated message to a work order, on fleets whose truth is known."""
