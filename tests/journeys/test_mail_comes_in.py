"""Mail comes in over real connections: by LMTP from a mail server, by IMAP from a mailbox."""
