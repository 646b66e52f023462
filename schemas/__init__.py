"""What a document looks like: XSDs, code lists and form definitions as data, and their loaders."""
