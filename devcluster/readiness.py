"""Is it up? Asked of the components over TLS, as the administrator."""

import http.client
import ssl
from contextlib import closing
from pathlib import Path
from typing import Final

_TIMEOUT_SECONDS: Final = 2.0


class Probe:
    """Asks the components of one control plane whether they are ready."""

    def __init__(self, ca: Path, admin: Path) -> None:
        """Trust the authority `ca`; `admin` holds the administrator's key and certificate."""
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._tls.load_cert_chain(str(admin))

    def apiserver_is_ready(self, port: int) -> bool:
        """Whether kube-apiserver has started all it consists of, and reaches etcd."""
        return self._status(port, "/readyz") == http.HTTPStatus.OK

    def controller_manager_is_healthy(self, port: int) -> bool:
        """Whether kube-controller-manager runs its controllers."""
        return self._status(port, "/healthz") == http.HTTPStatus.OK

    def default_service_account_exists(self, port: int) -> bool:
        """Whether Pods can be created: the first namespace has its service account."""
        return self._status(port, "/api/v1/namespaces/default/serviceaccounts/default") == http.HTTPStatus.OK

    def _status(self, port: int, path: str) -> int | None:
        """The status of a GET, or nothing when nobody answers; http.client knows no proxies, and none is wanted."""
        with closing(
            http.client.HTTPSConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS, context=self._tls)
        ) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status
            except (OSError, http.client.HTTPException):
                return None
