"""How it reaches paper and files: rendering and documents."""
