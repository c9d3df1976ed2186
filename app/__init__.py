"""Secretspace: Kubernetes Secrets per workspace and project, each request under the caller's own rights."""
