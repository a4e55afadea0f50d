"""Benchmarks: what `make bench` builds, measures and prints. Nothing of the product imports this."""
