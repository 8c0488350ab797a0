"""What the server is told at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: what the clerk's browser and Excel may call this machine when it listens for itself only
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Options:
    """`public`: the name (and port) under which the clerks reach the server; `token`: asked for with every question."""

    host: str = "127.0.0.1"
    port: int = 8765
    public: str = ""
    cert: Path | None = None
    key: Path | None = None
    token: str = ""
    most_bytes: int = 32 << 20
    most_cells: int = 1_000_000

    @property
    def secure(self) -> bool:
        return self.cert is not None

    @property
    def address(self) -> str:
        """Name and port as they stand in the manifest."""
        if self.public:
            return self.public
        name = "localhost" if self.host in (*LOOPBACK, *EVERYWHERE) else self.host
        return f"[{name}]:{self.port}" if ":" in name else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.secure or self.public else 'http'}://{self.address}"

    @property
    def names(self) -> frozenset[str] | None:
        """The host names that a request may use (None: any, when the server listens everywhere without a name)."""
        if self.host in EVERYWHERE and not self.public:
            return None
        return frozenset({*LOOPBACK, self.host, host_name(self.address)})


def host_name(address: str) -> str:
    """The name in a Host header, without its port."""
    if address.startswith("["):
        return address[1:].partition("]")[0].lower()
    name, colon, port = address.rpartition(":")
    return (name if colon and port.isdigit() else address).lower()
