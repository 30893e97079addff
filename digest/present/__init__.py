"""Present: editions and stories as their readers see them, for mails and pages alike."""
