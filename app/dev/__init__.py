"""What `secretspace dev` makes of a bare control plane: manifests, the tutorial's people and project, a running service."""
