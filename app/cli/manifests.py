"""`secretspace manifests`: what a cluster needs before the service can work on it."""

from typing import Annotated

import typer

from app.manifests import Profile, manifest_stream


def manifests(
    profile: Annotated[
        Profile, typer.Option(help="constrained needs Kubernetes 1.36 or newer; classic amounts to cluster-admin.")
    ] = Profile.CONSTRAINED,
) -> None:
    """Print the manifests to apply, in order, as one YAML stream."""
    typer.echo(manifest_stream(profile), nl=False)
