"""How people and the shell reach it: command line, settings, wiring."""
