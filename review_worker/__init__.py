"""May it be issued? Auto review and the manual review queue."""
