"""The adapter to Kubernetes: requests as data, one transport, answers as domain values.

Nothing outside of this package knows the Kubernetes wire; `transport` is the only place that does I/O.
"""
