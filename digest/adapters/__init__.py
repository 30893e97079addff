"""The edges: each module is named for the outside thing it touches, and fits a protocol of `ports`."""
