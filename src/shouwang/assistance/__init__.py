"""Assistance: what is done for a monitored household, by whom and by when, who looks after it, and who gives beside the state."""
