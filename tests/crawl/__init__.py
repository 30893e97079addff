"""A crawler over the public site: it follows every link, and nothing changes."""
