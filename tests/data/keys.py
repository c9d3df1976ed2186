"""Many keys, odd keys, no keys; and values as large as a Secret can hold."""

from typing import Final

from tests.data.shape import Shape, Shapes, canary, opaque

KIB: Final = 1024

SIZES: Final[Shapes] = {
    "nothing": Shape({}),
    "a thousand keys": Shape({f"key-{number:04}": f"{canary()}\n" for number in range(1000)}),
    "keys with all that a key may have": Shape(
        {
            key: canary()
            for key in ["a.b.c", "-", "_", "A-b_c.1", ".hidden", ".a..b", "0", "1.0", "yes", "null", "y.", "k" * 253]
        }
    ),
    "keys that differ in case": opaque(password=canary(), Password=canary(), PASSWORD=canary()),
    "a text of nearly a MiB": Shape({"large": canary() + "ä\n" * (340 * KIB)}),
    "bytes of nearly a MiB": Shape({"large": canary().encode() + bytes(range(256)) * (4 * KIB - 2)}),
    "one line of half a MiB": Shape({"line": canary() + "x" * (512 * KIB)}),
}
