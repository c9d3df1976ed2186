"""The rules of Secretspace: pure values and functions, no clock, no I/O, no HTTP, no Kubernetes wire."""
