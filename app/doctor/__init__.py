"""`secretspace doctor`: what an installation has and what it should have, as findings.

`reading` looks at the cluster, with the operator's own rights; all else is pure, from what was read to what is said.
"""
