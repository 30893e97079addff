"""What a reader sees of an edition or a story, as values that mail and pages share."""
