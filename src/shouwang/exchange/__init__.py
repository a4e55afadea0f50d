"""Deliveries of department files as people work on them, and files on their way in."""
