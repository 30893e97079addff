"""The edges: each module is named for the outside thing it talks to, and implements a protocol of `ports`."""
