"""What all pages share, those of the public site and those of subscribers: templates, headers, visitors."""
