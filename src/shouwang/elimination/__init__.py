"""Risk elimination: from a monitored household to the end of its risk, the watching afterwards, and the way back on relapse."""
