"""基层干部排查 (集中排查): campaigns that go from house to house over chosen groups and places, with a checklist for each home."""
