"""Docker configurations as docker, kubectl, clouds and people write them."""

import base64
import json
from typing import Any, Final

from tests.data.shape import Shape, Shapes, canary

PASSWORD, TOKEN = canary("password"), canary("token")


def auth(text: str) -> str:
    """User name and password as docker keeps them."""
    return base64.b64encode(text.encode()).decode()


def config(document: Any, **more: str) -> Shape:
    """A Secret for pulling images; a text is stored as it is."""
    text = document if isinstance(document, str) else json.dumps(document)
    return Shape({".dockerconfigjson": text, **more}, "kubernetes.io/dockerconfigjson")


_ONE: Final = {"auth": auth(f"robot:{PASSWORD}")}
_BY_HAND: Final = (
    '{ "credsStore": "desktop",\n'
    f'\t"auths": {{ "one.example.com" : {{"auth":"{auth(f"robot:{PASSWORD}")}" , "unknown": [1.0, 1e2, null]}},\r\n'
    f'    "two.example.com": {{"username": "u", "password": "{PASSWORD}", "email": "u\\u0040example.com"}} }},\n'
    f'  "HttpHeaders": {{"X-Meta": "{TOKEN}"}}, "psFormat": "table\\t{{{{.ID}}}}"\n}}\n\n'
)

REGISTRIES: Final[Shapes] = {
    "a registry as kubectl writes it": config(
        {"auths": {"r.example.com": {"username": "robot", "password": PASSWORD, **_ONE}}}
    ),
    "a docker configuration by hand": config(_BY_HAND, more=canary()),
    "Docker Hub by its old address": config({"auths": {"https://index.docker.io/v1/": _ONE}}),
    "a password with colons in auth": config({"auths": {"r.example.com": {"auth": auth(f"robot:{PASSWORD}:x::")}}}),
    "a password beyond ASCII in auth": config({"auths": {"r.example.com": {"auth": auth(f"robot:{PASSWORD}ä😀")}}}),
    "user name and auth that disagree": config({"auths": {"r.example.com": {"username": "other", **_ONE}}}),
    "an identity token": config({"auths": {"r.example.com": {"identitytoken": TOKEN, "auth": auth("0000:")}}}),
    "a Google key as password": config(
        {"auths": {"gcr.io": {"username": "_json_key", "password": json.dumps({"private_key": f"{PASSWORD}\n"})}}}
    ),
    "credential helpers alone": config({"credHelpers": {"r.example.com": "ecr-login"}}, note=canary()),
    "an entry without anything": config({"auths": {"r.example.com": {}, "s.example.com": _ONE}}),
    "a registry named twice": config(f'{{"auths": {{"r": {json.dumps(_ONE)}, "r": {{"auth": "{auth(PASSWORD)}"}}}}}}'),
    "an auth that is no base64": config({"auths": {"r.example.com": {"auth": PASSWORD}}}),
    "registries as a list": config({"auths": [PASSWORD]}),
    "the form before docker 1.7": Shape(
        {".dockercfg": json.dumps({"r.example.com": {"email": "u@example.com", **_ONE}}, indent=4)},
        "kubernetes.io/dockercfg",
    ),
    "a docker configuration of no type": Shape({"config.json": json.dumps({"auths": {"r.example.com": _ONE}})}),
}
