"""What the pages read: queries on the release's file, one module a topic."""
