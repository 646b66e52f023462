"""One file a command; each exposes its click commands in COMMANDS."""
