"""Amendments: a new dated value of a policy parameter, proposed by one person, tried on the data, decided by another."""
