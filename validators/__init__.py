"""Is it right? Schema check, rule check and the rules by topic."""
