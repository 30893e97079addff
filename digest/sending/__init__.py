"""The noon run: claim deliveries, compose their messages and submit them, each one once."""
