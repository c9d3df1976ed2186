"""Use cases. They own their ports, and know nothing of HTTP nor of the Kubernetes wire."""
