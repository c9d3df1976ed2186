"""Routes: thin, one file a resource; they say what HTTP needs and nothing else."""
