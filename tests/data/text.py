"""Whole files as values, and texts that readers take for something else."""

import json
from typing import Final

from tests.data.shape import MARK, Shape, Shapes, canary, opaque


def file(name: str, text: str | bytes) -> Shape:
    """A Secret that holds one file."""
    return Shape({name: text})


_KUBECONFIG: Final = f"""\
apiVersion: v1
kind: Config
current-context: demo
clusters:
- {{name: demo, cluster: {{server: "https://10.0.0.1:6443", certificate-authority-data: LS0tLS1CRUdJTg==}}}}
users:
- name: demo
  user:
    token: {canary("token")}
"""
_ENV: Final = f"""\
# comment
export A="{canary()} # no comment"
B='single
line {canary()}'
C=a=b=c
D=
E="say \\"hi\\"\\n"\r
"""
_YAML: Final = f"""\
%YAML 1.1
---
a: &anchor {{yes: no, "<<": 1}}
b: *anchor
c: |+
  {canary()}


...
---
second: document
"""
_TOML: Final = f"[db]\npassword = '''\n{canary()}'''\nports = [ 8_000, 0xDEAD ]\ndate = 1979-05-27T07:32:00Z\n"
_INI: Final = f"[default]\naws_access_key_id={canary('id')}\naws_secret_access_key = {canary()}/+=\n\n; end"
_PROPERTIES: Final = f"key\\:x = value \\\n    {canary()}\nutf=\\u00e4\n!note\n"
_XML: Final = f'<?xml version="1.0"?>\n<settings><password>{canary()}&#10;<![CDATA[<&>]]></password></settings>'
_GOOGLE: Final = json.dumps(
    {"type": "service_account", "private_key": f"-----BEGIN PRIVATE KEY-----\n{canary()}\n"}, indent=2
)

TEXTS: Final[Shapes] = {
    "an .env file": file(".env", _ENV),
    "a kubeconfig": file("config", _KUBECONFIG),
    "JSON": file("service-account.json", _GOOGLE + "\n"),
    "JSON with what parsers change": file("a.json", f'{{"n":1.10,"big":1e400,"a":1,"a":"{canary()}","u":"\\u00e4"}}'),
    "broken JSON": file("a.json", f'{{"a": "{canary()}",}}'),
    "YAML": file("values.yaml", _YAML),
    "TOML": file("config.toml", _TOML),
    "INI": file("credentials", _INI),
    "Java properties": file("application.properties", _PROPERTIES),
    "XML": file("settings.xml", _XML),
    "a PEM in a text of one line": file("cert", f"-----BEGIN X-----\\n{canary()}\\n-----END X-----\\n"),
    "a shell script with tabs": file("run.sh", f"#!/bin/sh\n\techo {canary()} \\\n\t\t$@\n"),
    "a byte order mark": file("bom.txt", "\ufeff" + canary()),
    "UTF-16": file("utf16.txt", "\ufeffpässword\r\n".encode("utf-16-le") + MARK.encode()),
    "Latin-1": file("latin1.txt", f"pässword {canary()}".encode("latin-1")),
    "a character cut in half": file("cut", f"{canary()}😀".encode()[:-1]),
    "newlines at the end": opaque(one=f"{canary()}\n", three=f"{canary()}\n\n\n", windows="\r\n", old=f"{canary()}\r"),
    "blanks at the ends of lines": opaque(a=f"  {canary()}  \n \n\t\n x ", b=" ", c="\n", d="\t"),
    "control characters": opaque(
        a=f"{canary()}\x00\x07\x1b[0m\x7f\x80\x85\x9f", b="\u2028\u2029\u200b\u202e\ufeff\ufffe"
    ),
    "accents in two forms": opaque(composed=f"\u00e9{canary()}", decomposed=f"e\u0301{canary()}"),
    "words that YAML takes for something else": Shape(
        {
            f"w{number}": word
            for number, word in enumerate(
                [
                    "yes",
                    "No",
                    "null",
                    "~",
                    "1e3",
                    "0777",
                    "0x1F",
                    "12:30",
                    "2026-11-24",
                    ".inf",
                    "<<",
                    "=",
                    "---",
                    "- a",
                    "a: b",
                    "# x",
                    "*a",
                    "&a",
                    "!!str",
                    "|",
                    ">",
                    "%",
                    "@",
                    "`",
                    "{",
                    "[",
                    "'",
                    '"',
                    "",
                    " ",
                    canary(),
                ]
            )
        }
    ),
    "what looks like a mask of ours": opaque(a="<kept: 24 bytes>", b="<kept: 16 bytes>", c=f"<kept: {canary()}>"),
    "what looks like our own bodies": opaque(a='{"base64": "AA=="}', b='{"text": "x"}', c=canary(), d="null"),
}
