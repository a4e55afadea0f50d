"""Clues: what screening found about a household, kept as one question per household and risk until it is answered."""
