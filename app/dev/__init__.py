"""What `secretspace dev` makes of a bare control plane: manifests, people, a project, a running service."""
