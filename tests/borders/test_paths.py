"""Folders, network shares and the lock of an embedded database."""

import subprocess
import sys
from pathlib import Path

import pytest

from app import paths
from app.errors import NotSaved, Refused

MOUNTS = r"""/dev/vda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb1 /home/local ext4 rw 0 0
//nas/it /mnt/it\040share cifs rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
garbage
"""


def test_one_variable_moves_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path))
    folders = [paths.data_dir(), paths.config_dir(), paths.cache_dir(), paths.log_dir()]
    assert len(set(folders)) == 4
    assert all(folder.is_dir() and folder.parent == tmp_path for folder in folders)
    assert paths.database_file() == tmp_path / "data" / "watchroom.db"


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path / "file"))
    with pytest.raises(NotSaved):
        paths.data_dir()


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/lib/x.db", ""),
        ("/home/me/x.db", "nfs4"),
        ("/home/local/x.db", ""),
        ("/home/localx/x.db", "nfs4"),
        ("/mnt/it share/x.db", "cifs"),
        ("/mnt/ssh/x.db", "fuse.sshfs"),
    ],
)
def test_the_innermost_mount_decides(place: str, kind: str) -> None:
    assert paths.network_kind(Path(place), MOUNTS) == kind


def test_a_network_share_is_refused_with_the_way_to_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.refuse_network_share(tmp_path / "watchroom.db")
    monkeypatch.setattr(paths, "network_kind", lambda path: "cifs")
    with pytest.raises(Refused, match="PostgreSQL"):
        paths.refuse_network_share(tmp_path / "watchroom.db")


def test_a_full_disk_is_noticed_before_writing(tmp_path: Path) -> None:
    paths.refuse_full_disk(tmp_path, 1)
    with pytest.raises(NotSaved):
        paths.refuse_full_disk(tmp_path, 10**18)


HOLD = """
import sys
from pathlib import Path
from app.paths import lock_file
with lock_file(Path(sys.argv[1]), "x"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_program_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    path = tmp_path / "db.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Refused, match=str(first.pid)), paths.lock_file(path, "The database"):
            pass
        first.kill()
        first.wait()
        with paths.lock_file(path, "The database"):
            assert paths.holder(path) != first.pid
