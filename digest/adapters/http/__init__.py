"""Fetching over HTTP: slowly for each host, and never from private networks."""
