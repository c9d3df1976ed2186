"""What `secretspace dev` says once the service is ready."""

from collections.abc import Mapping
from typing import Final

from app.dev.home import DevHome
from app.dev.tutorial import PEOPLE, PROJECT, WORKSPACE

_SCREEN: Final = """
Secretspace is ready at {base_url}, on Kubernetes {kubernetes}.

  Documentation of the API   {base_url}/docs
  Behind the API             kubectl --kubeconfig {folder}/kubeconfig get secrets -A
  The cluster's audit log    {folder}/audit.log

People of {workspace} and {project}; their passwords are in {folder}/credentials.json:

{people}

Sign in:

  PASSWORD=$(python3 -c 'import json; print(json.load(open("{folder}/credentials.json"))\
["accounts"]["project-regular"]["password"])')
  curl -s {base_url}/oauth/token -d grant_type=password -d username=project-regular -d "password=$PASSWORD"

Ctrl-C stops everything; the data stays.
"""


def welcome(base_url: str, home: DevHome, kubernetes: str, new_passwords: Mapping[str, str]) -> str:
    """The first screen; a password stands in it only in the run that made it."""
    people = (
        f"  {person.account:<16} {new_passwords.get(person.account, '(as before)'):<25} {person.part}"
        for person in PEOPLE
    )
    return _SCREEN.format(
        base_url=base_url,
        kubernetes=kubernetes,
        folder=home.root,
        workspace=WORKSPACE,
        project=PROJECT,
        people="\n".join(people),
    )
