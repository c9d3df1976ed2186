"""Who is calling: local accounts and their tokens, and tokens that the cluster knows.

Each way in fails closed, and a token goes to exactly one of them. Nothing here knows HTTP or the Kubernetes wire: the
ports (`AccountStore`, `SigningKeyStore`, `TokenReviewer`) are satisfied in `app.k8s` and joined in `app.wiring`.
"""
