"""Pages for a browser: one of a run, and a site of all models; no server, and nothing fetched from elsewhere."""
