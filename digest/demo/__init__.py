"""The demonstration: a world on loopback with a site to poll, mailboxes to fill, and a clock to turn."""
