"""The register as the desk shows it: households, persons, and how both changed."""
