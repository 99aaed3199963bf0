"""Device simulators: devices that publish what real ones would, with faults whose truth is known."""
