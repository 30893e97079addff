"""The laws of reading, counted: what may stand around a rating without changing what is read."""
