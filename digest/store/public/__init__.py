"""The tables that the public site reads: what keeps them, and the reads."""
