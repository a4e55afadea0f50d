"""PostgreSQL as Django knows it, and before each question said for which areas it is asked."""
