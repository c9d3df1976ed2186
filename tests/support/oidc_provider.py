"""`python -m tests.support.oidc_provider PORT CERTIFICATE KEY`: `oidc-provider-mock` over TLS, until it is ended."""

import sys

import oidc_provider_mock
from werkzeug.serving import make_server


def main(port: str, certificate: str, key: str) -> None:
    """Serve."""
    app = oidc_provider_mock.app()
    make_server("127.0.0.1", int(port), app, threaded=True, ssl_context=(certificate, key)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
