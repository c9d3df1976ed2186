"""Passwords, tokens and SSH keys."""

import base64
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.data.certificate import ED25519, PKCS_1_OR_SEC_1, RSA, key_pem
from tests.data.shape import Shape, Shapes, Text, canary, opaque

BASIC, SSH = "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"


def account(**data: Text) -> Shape:
    """User name and password."""
    return Shape(data, BASIC)


def ssh(private_key: Text, **more: Text) -> Shape:
    """A key for SSH."""
    return Shape({"ssh-privatekey": private_key, **more}, SSH)


_OPENSSH: Final = (
    ED25519.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode() + f"{canary('after-the-key')}\n"
)
_PUBLIC: Final = ED25519.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
_KNOWN_HOSTS: Final = f"git.example.com,10.0.0.1 {_PUBLIC}\n|1|c2FsdA==|aGFzaA== {_PUBLIC} {canary()}\n# old\n\n"

CREDENTIALS: Final[Shapes] = {
    "passwords of every sort": Shape(
        {
            name: f"{canary()}{ending}"
            for name, ending in {
                "colon": ":a:",
                "hash": " #x",
                "quotes": "\"'`",
                "blanks": "  ",
                "emoji": "😀👩‍👩‍👧",
                "dollar": "${HOME}$(id)",
                "backslash": "\\n\\",
                "percent": "%s%0a",
                "braces": "{{ .x }}",
                "newline": "\n",
                "crlf": "\r\n",
            }.items()
        }
    ),
    "an account whose password begins with a blank": account(username="admin", password=f" {canary()}\t"),
    "an account beyond ASCII": account(username="jürgen", password=f"{canary()}pässwörd😀"),
    "an account without a user name": account(password=canary()),
    "an account without a password": account(username=canary("user")),
    "an account whose password is no text": account(username="admin", password=b"\xff\xfe" + canary().encode()),
    "an account with empty values": account(username="", password="", note=canary()),
    "an OpenSSH key": ssh(_OPENSSH),
    "an OpenSSH key with hosts and public key": ssh(
        _OPENSSH, known_hosts=_KNOWN_HOSTS, **{"ssh-publickey": f"{_PUBLIC} {canary('comment')}\n"}
    ),
    "an RSA key for SSH": ssh(key_pem(RSA, PKCS_1_OR_SEC_1)),
    "an SSH key with CRLF and no end": ssh(_OPENSSH.replace("\n", "\r\n").rstrip()),
    "an SSH key of no type": Shape({"id_ed25519": _OPENSSH, "id_ed25519.pub": _PUBLIC, "known_hosts": _KNOWN_HOSTS}),
    "a bootstrap token": Shape(
        {
            "token-id": "07401b",
            "token-secret": canary(),
            "expiration": "2030-03-10T03:22:11Z",
            "usage-bootstrap-authentication": "true",
            "auth-extra-groups": "system:bootstrappers:worker",
        },
        "bootstrap.kubernetes.io/token",
    ),
    "a password file of Apache": opaque(auth=f"admin:$apr1$x$y/z.{canary()}\nbob:{{SHA}}{canary()}=\n"),
    "a connection string": opaque(DATABASE_URL=f"postgres://u:{canary()}%40@db:5432/x?sslmode=require&a=b#c"),
    "a JSON web token": opaque(token=f"eyJhbGciOiJub25lIn0.{base64.urlsafe_b64encode(canary().encode()).decode()}."),
    "base64 of base64": opaque(password=base64.b64encode(base64.b64encode(canary().encode())), note=canary()),
    "base64 with a newline": opaque(password=base64.encodebytes(canary().encode() * 4)),
}
