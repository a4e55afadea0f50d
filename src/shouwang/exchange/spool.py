"""Files on their way in, sealed while they arrive."""
