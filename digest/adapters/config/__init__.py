"""Reads the operator's files and secrets, and explains what is wrong in them."""
