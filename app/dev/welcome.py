"""What `secretspace dev` says once the service is ready."""

from collections.abc import Iterator, Mapping

from app.dev.home import DevHome
from app.dev.tutorial import PEOPLE, PROJECT, WORKSPACE


def welcome(base_url: str, home: DevHome, kubernetes: str, new_passwords: Mapping[str, str]) -> str:
    """The first screen; a password stands in it only in the run that made it."""
    return "\n".join(_lines(base_url, home, kubernetes, new_passwords)) + "\n"


def _lines(base_url: str, home: DevHome, kubernetes: str, new_passwords: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"Secretspace is ready at {base_url}, on Kubernetes {kubernetes}."
    yield ""
    yield f"  Documentation of the API   {base_url}/docs"
    yield f"  Behind the API             kubectl --kubeconfig {home.root}/kubeconfig get secrets -A"
    yield f"  The cluster's audit log    {home.root}/audit.log"
    yield ""
    yield f"People of {WORKSPACE} and {PROJECT}; their passwords are in {home.credentials}:"
    yield ""
    for person in PEOPLE:
        password = new_passwords.get(person.account, "(as before)")
        yield f"  {person.account:<16} {password:<26} {person.part}"
    yield ""
    yield "Sign in:"
    yield ""
    yield f"  PASSWORD=$(python3 -c 'import json; print(json.load(open(\"{home.credentials}\"))"
    yield "    [\"accounts\"][\"project-regular\"][\"password\"])')"
    yield f"  curl -s {base_url}/oauth/token -d grant_type=password -d username=project-regular -d password=$PASSWORD"
    yield ""
    yield "Ctrl-C stops everything; the data stays."
