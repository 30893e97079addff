"""The operator's files: read, checked and explained."""
