"""What comes in from outside: intake, one handler per message kind."""
