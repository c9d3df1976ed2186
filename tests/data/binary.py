"""Values that are no text."""

import gzip
from typing import Final

from tests.data.shape import MARK, Shape, Shapes, blob, canary, opaque

BINARIES: Final[Shapes] = {
    "a Java keystore": Shape({"keystore.jks": blob(b"\xfe\xed\xfe\xed\x00\x00\x00\x02"), "storepass": canary()}),
    "a Kerberos keytab": Shape({"krb5.keytab": blob(b"\x05\x02\x00\x00\x00\x3f\x00\x01")}),
    "a compressed file": Shape({"dump.sql.gz": gzip.compress(b"x" * 10_000, mtime=0) + MARK.encode()}),
    "every byte there is": opaque(bytes=bytes(range(256)) + MARK.encode() + bytes(reversed(range(256)))),
    "NUL bytes": opaque(only=b"\x00", inside=b"\x00" + canary().encode() + b"\x00\x00", text=f"a\x00{canary()}"),
    "empty values": opaque(a="", b=b"", c=canary()),
    "random bytes of a key": opaque(key=blob(bytes.fromhex("00ff10ef20df30cf40bf50af609f708f")), iv=b"\x00" * 16),
}
