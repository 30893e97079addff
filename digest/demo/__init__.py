"""The demo: the real service, with a small web site, a mail server and a simulated clock on this machine."""
