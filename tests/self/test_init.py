"""`exportproof init` against the reference: what it writes is read again, and holds no secret."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from exportproof.cli import main
from exportproof.cli.settings_file import find
from exportproof.reference import embedded

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_is_written_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "exportproof.toml"
    with embedded() as server:
        (user, key), (other, other_key) = server.accounts
        words = ["init", server.url, "--user", user, "--key", key, "--other-user", other, "--other-key", other_key]
        assert main([*words, "--output", str(path)]) == 0
        text = path.read_text(encoding="utf-8")
        assert main([*words, "--output", str(path)]) == 4, "a file that is there stays"
        assert main([*words, "--output", str(path), "--force"]) == 0
        assert main(["init", server.url, "--user", user, "--key", "wrong", "--output", str(tmp_path / "no")]) == 5
    assert not (tmp_path / "no").exists()
    assert "is there already" in capsys.readouterr().err
    assert key not in text
    assert other_key not in text
    found = find(None, tmp_path)
    assert found.words["target_url"] == server.url
    assert found.words["user"] == user
    assert "Contacts=VanID" in found.words["primary_keys"]
    uncommented = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith(("[", "# ["))
    )
    examples = tomllib.loads(uncommented)
    assert examples["known-failures"][0]["rule"] == "csv/utf-8"
    assert examples["max-jobs"] == 200
    assert examples["capabilities"] == ["changes", "reset", "clock", "writes"]
    assert "Contributions" in examples["resource-types"]
    assert examples["custom-fields"] == {"Contacts": [157, 205, 206]}
    assert examples["adapter-settings"] == {"database": "shop.sqlite3"}
