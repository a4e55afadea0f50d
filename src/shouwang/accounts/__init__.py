"""Users, their posts, and what a post lets them see: the only place where scope is decided."""
