"""How tables are changed while people work at their desks: what migrations use beside Django's own operations."""
