"""A test authority that signs as the manual says, with openssl: the server's certificate and one per seat."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


class Authority:
    """A certification authority in a folder of its own, made on first use."""

    def __init__(self, folder: Path, name: str = "Watchroom CA") -> None:
        self._folder = folder
        self._name = name

    @property
    def certificate(self) -> Path:
        return self._made() / "ca.crt"

    def issue(self, name: str, *, server: bool = False, days: int = 30) -> Issued:
        """Return a certificate whose CN is `name`; one for a server names it as its address too.

        `days` below zero makes one that has expired.
        """
        folder = self._made()
        issued = Issued(folder / f"{name}{days}.crt", folder / f"{name}{days}.key")
        if issued.certificate.exists():
            return issued
        request = folder / f"{name}.csr"
        _openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", f"/CN={name}", "-keyout", str(issued.key), "-out", str(request),
        )  # fmt: skip
        extra = folder / f"{name}.ext"
        kind = "IP" if name.replace(".", "").isdigit() else "DNS"
        extra.write_text(f"subjectAltName={kind}:{name}\n" if server else "extendedKeyUsage=clientAuth\n")
        _openssl(
            "x509", "-req", "-in", str(request), "-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key"),
            "-CAcreateserial", "-days", str(days), "-extfile", str(extra), "-out", str(issued.certificate),
        )  # fmt: skip
        issued.key.chmod(0o600)
        return issued

    def _made(self) -> Path:
        if not (self._folder / "ca.crt").exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            _openssl(
                "req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={self._name}", "-days", "3650",
                "-keyout", str(self._folder / "ca.key"), "-out", str(self._folder / "ca.crt"),
            )  # fmt: skip
        return self._folder


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
