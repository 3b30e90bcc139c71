"""Configuration: what the environment says, and how its mistakes are told."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server import config
from server.config import BadConfig, Config


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", *(f"DAILIES_{name.upper()}" for name in Config.model_fields)):
        monkeypatch.delenv(name, raising=False)


def test_everything_has_a_default() -> None:
    current = config.load()
    assert (current.host, current.port, current.environment) == ("127.0.0.1", 8000, "development")
    assert current.database_url is None


def test_everything_is_described() -> None:
    assert all(field.description for field in Config.model_fields.values())


@pytest.mark.parametrize("name", ["DATABASE_URL", "DAILIES_DATABASE_URL"])
def test_the_database_has_two_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "postgres://ada@localhost/studio")
    url = config.load().database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://ada@localhost/studio"


def test_origins_stand_with_commas_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILIES_CORS_ORIGINS", "https://a.example, http://localhost:5173")
    assert config.load().cors_origins == ("https://a.example", "http://localhost:5173")


def test_a_single_limit_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILIES_LIMITS__DEPTH", "20")
    limits = config.load().limits
    assert (limits.depth, limits.aliases) == (20, 100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAILIES_PORT", "http"),
        ("DAILIES_PORT", "70000"),
        ("DAILIES_DATABASE_URL", "mysql://hidden"),
        ("DAILIES_ENVIRONMENT", "hidden"),
        ("DAILIES_SECRET", "hidden"),
        ("DAILIES_JWT_SECRET", "hidden"),
        ("DAILIES_JWKS_URL", "http://hidden.example/keys"),
        ("DAILIES_CORS_ORIGINS", "https://hidden.example/path"),
        ("DAILIES_NATS_URL", "http://hidden.example"),
        ("DAILIES_LIMITS__DEPTH", "0"),
        ("DAILIES_LIMITS__HEIGHT", "1"),
    ],
)
def test_a_mistake_names_its_variable_and_shows_no_secret(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadConfig, match=rf"^{name}: ") as raised:
        config.load()
    assert "hidden" not in str(raised.value)


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    def key(_: int) -> bytes:
        return Config(data_folder=tmp_path / "data").key("cursors")

    with ThreadPoolExecutor(8) as together:
        assert len(set(together.map(key, range(32)))) == 1
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_of_different_purposes_differ(tmp_path: Path) -> None:
    current = Config(data_folder=tmp_path)
    assert current.key("cursors") != current.key("media")
    assert current.token_secret() == current.key("tokens")


def test_secrets_are_not_printed() -> None:
    assert "hidden" not in repr(Config.model_validate({"secret": "hidden" * 10}))
