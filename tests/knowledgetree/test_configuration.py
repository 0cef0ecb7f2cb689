"""Environment over file over default; what is wrong is refused with the name of the setting."""

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from knowledgetree.configuration.environment import file_extensions, flag, port, time_zone
from knowledgetree.configuration.services import codex_settings, neo4j_settings
from knowledgetree.configuration.storage import instance_folder, kept_secret, private_folder, redis_url, sql_database


def test_a_local_neo4j_without_any_setting(tmp_path: Path) -> None:
    found = neo4j_settings({}, tmp_path)
    assert (found.uri, found.user, found.is_local) == ("bolt://127.0.0.1:7687", "neo4j", True)
    assert found.password == (tmp_path / "neo4j-password").read_text().strip()
    assert found.password not in repr(found)
    assert neo4j_settings({"NEO4J_BOLT_PORT": "7700"}, tmp_path).uri == "bolt://127.0.0.1:7700"


def test_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "knowledgetree.conf").write_text(
        "[database]\nneo4j_uri = neo4j://file:7687\nneo4j_user = filer\nneo4j_password = from%file\n"
    )
    found = neo4j_settings({}, tmp_path)
    assert (found.uri, found.user, found.password, found.is_local) == ("neo4j://file:7687", "filer", "from%file", False)
    assert "knowledgetree.conf" in found.source
    env = {"NEO4J_URI": "bolt+s://env:7687", "NEO4J_USER": "enver", "NEO4J_PASSWORD": "from-env"}
    found = neo4j_settings(env, tmp_path)
    assert (found.uri, found.user, found.password, found.source) == (
        "bolt+s://env:7687",
        "enver",
        "from-env",
        "NEO4J_URI",
    )


@pytest.mark.parametrize("uri", ["localhost:7687", "http://localhost", "bolt://", "bolt:localhost", "neo4j+x://a"])
def test_a_wrong_uri_is_refused_by_name_without_its_password(uri: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="NEO4J_URI is"):
        neo4j_settings({"NEO4J_URI": uri, "NEO4J_PASSWORD": "x"}, tmp_path)
    for with_password in ("http://me:secret@host", "me:secret@host", "http://me:sec@secret@host"):
        with pytest.raises(ImproperlyConfigured) as error:
            neo4j_settings({"NEO4J_URI": with_password, "NEO4J_PASSWORD": "x"}, tmp_path)
        assert "secret" not in str(error.value)


def test_a_neo4j_without_a_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="set NEO4J_PASSWORD"):
        neo4j_settings({"NEO4J_URI": "bolt://host"}, tmp_path)


def test_a_broken_conf_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "knowledgetree.conf").write_text("neo4j_uri = without a section\n")
    with pytest.raises(ImproperlyConfigured, match=r"knowledgetree\.conf cannot be read"):
        neo4j_settings({}, tmp_path)


def services(tmp_path: Path, content: object) -> Path:
    file = tmp_path / "services.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_the_sample_codex_without_services(tmp_path: Path) -> None:
    found = codex_settings({"SAMPLE_CODEX_PORT": "5999"}, tmp_path / "services.json", tmp_path)
    assert (found.url, found.is_sample) == ("http://127.0.0.1:5999", True)
    assert found.api_key == (tmp_path / "sample-codex-key").read_text().strip()
    assert found.api_key not in repr(found)
    empty = codex_settings({}, services(tmp_path, {"core": {"url": "http://core:5000"}}), tmp_path)
    assert empty.is_sample


def test_a_codex_with_a_key(tmp_path: Path) -> None:
    file = services(tmp_path, {"codex": {"url": "http://host/codex/", "api_key": "k"}})
    found = codex_settings({}, file, tmp_path)
    assert (found.url, found.api_key, found.core_url, found.is_sample) == ("http://host/codex", "k", None, False)
    assert found.source == f"codex.url in {file}"


def test_core_from_the_environment_wins(tmp_path: Path) -> None:
    file = services(tmp_path, {"codex": {"url": "http://host"}, "core": {"url": "http://file:5000/"}})
    assert codex_settings({}, file, tmp_path).core_url == "http://file:5000"
    env = {"CORE_SERVICE_URL": "http://env:5000/", "SERVICE_NAME": "archive"}
    found = codex_settings(env, file, tmp_path)
    assert (found.core_url, found.service_name, found.api_key) == ("http://env:5000", "archive", None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"codex": {"url": "host:5010", "api_key": "k"}}, "codex.url is 'host:5010'"),
        ({"codex": {"url": "ftp://host", "api_key": "k"}}, "codex.url is"),
        ({"codex": {"url": "http://host"}}, "add codex.api_key"),
        ({"codex": {"url": "http://host", "api_key": 7}}, "codex.api_key must be a text"),
        ({"codex": {"url": "http://host", "api_key": "two\nlines"}}, "codex.api_key has spaces, line ends"),
        ({"codex": {"url": "http://host", "api_key": "clé"}}, "codex.api_key has spaces, line ends"),
        ({"codex": {"url": "http://host"}, "core": {"url": "core"}}, "core.url or CORE_SERVICE_URL"),
        ({"codex": {"url": "http://two:x@host", "api_key": "k"}}, "codex.url holds a user or password"),
        ({"codex": {"url": "http://two@host", "api_key": "k"}}, "put the key in codex.api_key"),
        ({"codex": {"url": "http://u:two/x@host", "api_key": "k"}}, "codex.url holds a user or password"),
        ({"codex": {"url": "u:two@host", "api_key": "k"}}, "codex.url holds a user or password"),
        ({"codex": {"url": "http://host"}, "core": {"url": "http://u:two@core"}}, "core.url or CORE_SERVICE_URL holds"),
        ({"codex": "http://host"}, "'codex' must be an object"),
        (["codex"], "must hold an object"),
        ("{", "is not readable JSON"),
    ],
)
def test_wrong_services_are_refused_by_name(content: object, told: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        codex_settings({}, services(tmp_path, content), tmp_path)
    assert told in str(error.value)
    assert "two" not in str(error.value)


@pytest.mark.parametrize("url", ["nonsense", "mongo://u:secret@host/x", "postgres://u:secret@host:port/x"])
def test_a_wrong_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is no address") as error:
        sql_database(url)
    assert "secret" not in str(error.value)


def test_a_database_of_ours() -> None:
    found = sql_database("postgres://u:secret@host:5433/kt")
    assert (found["ENGINE"], found["HOST"], found["PORT"], found["NAME"]) == (
        "django.db.backends.postgresql",
        "host",
        5433,
        "kt",
    )


def test_a_time_zone() -> None:
    assert time_zone({}) == "UTC"
    assert time_zone({"TIME_ZONE": "Europe/Berlin"}) == "Europe/Berlin"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe"])
def test_a_wrong_time_zone(name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TIME_ZONE is"):
        time_zone({"TIME_ZONE": name})


def test_the_instance_folder_is_made_or_named(tmp_path: Path) -> None:
    made = instance_folder({"KNOWLEDGETREE_INSTANCE": str(tmp_path / "a" / "b")}, tmp_path)
    assert made.is_dir()
    assert instance_folder({}, tmp_path) == tmp_path
    with pytest.raises(ImproperlyConfigured, match="KNOWLEDGETREE_INSTANCE"):
        instance_folder({"KNOWLEDGETREE_INSTANCE": "/proc/none"}, tmp_path)


def test_what_root_makes_belongs_to_the_owner_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when ``manage.py run`` was started as root once, and by the installation's user from then on."""
    handed_over: dict[int, tuple[int, int]] = {}
    around = tmp_path.stat()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", lambda path, *owner, **_: handed_over.update({path.stat().st_ino: owner}))
    folder, secret = tmp_path / "uploads", tmp_path / "secret"
    private_folder(folder, "uploaded files")
    kept_secret(secret)
    owner = (around.st_uid, around.st_gid)
    assert handed_over == {folder.stat().st_ino: owner, secret.stat().st_ino: owner}
    handed_over.clear()
    private_folder(folder, "uploaded files")
    assert handed_over == {}


def test_a_folder_of_somebody_else_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    told = rf"{tmp_path} belongs to .* chown -R --reference={tmp_path.parent} {tmp_path} \(uploaded files\)"
    with pytest.raises(ImproperlyConfigured, match=told):
        private_folder(tmp_path, "uploaded files")


def test_secrets_are_made_once_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret"
    secret = kept_secret(file)
    assert len(secret) > 40
    assert kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text(" \n")
    assert [path.name for path in file.parent.iterdir()] == ["secret"]
    with pytest.raises(ImproperlyConfigured, match="is empty"):
        kept_secret(file)


def test_a_secret_is_never_seen_before_it_is_whole(tmp_path: Path) -> None:
    """As where ``manage.py run`` and a command start at once on a new installation."""
    starting = 8
    at_once = threading.Barrier(starting)

    def start(file: Path) -> str:
        at_once.wait()
        return kept_secret(file)

    with ThreadPoolExecutor(starting) as threads:
        for number in range(50):
            file = tmp_path / str(number) / "secret"
            found = set(threads.map(start, [file] * starting))
            assert found == {file.read_text().strip()}


@pytest.mark.parametrize("text", ["0", "-1", "65536", "http", "80.5", "８0８0x"])
def test_a_wrong_port(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PORT is"):
        port({"PORT": text}, "PORT", 8000)


def test_ports_and_flags() -> None:
    assert port({}, "PORT", 8000) == 8000
    assert port({"PORT": " 81 "}, "PORT", 8000) == 81
    assert flag({"DEBUG": "Yes"}, "DEBUG", default=False) is True
    assert flag({"DEBUG": "0"}, "DEBUG", default=True) is False
    assert flag({}, "DEBUG", default=True) is True
    with pytest.raises(ImproperlyConfigured, match="DEBUG is 'maybe'"):
        flag({"DEBUG": "maybe"}, "DEBUG", default=False)


@pytest.mark.parametrize("url", ["redis://localhost:6379/0", "rediss://u:p@host/1", "unix:///run/redis.sock"])
def test_a_redis_is_taken_with_a_limit_on_connecting(url: str) -> None:
    taken = redis_url({"Q_BROKER_URL": f" {url} "}, "Q_BROKER_URL")
    assert taken.startswith(url)
    assert ("socket_connect_timeout=5" in taken) is not url.startswith("unix")
    limited = redis_url({"CACHE_URL": "redis://h/0?socket_connect_timeout=1"}, "CACHE_URL")
    assert limited == "redis://h/0?socket_connect_timeout=1"
    assert redis_url({}, "CACHE_URL") == ""


@pytest.mark.parametrize("name", ["Q_BROKER_URL", "CACHE_URL"])
@pytest.mark.parametrize("url", ["localhost:6379", "amqp://user:hidden@host", "redis://", "6379"])
def test_what_is_no_redis_is_refused_by_name(url: str, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        redis_url({name: url}, name)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("", []), (" , ", []), ("zip", ["zip"]), (".ZIP, ps1;", None), (".ZIP ps1,zip", ["zip", "ps1"]), ("exe", None)],
)
def test_file_extensions(text: str, chosen: list[str] | None) -> None:
    env = {"DOWNLOAD_ONLY_FILES": text}
    if chosen is None:
        with pytest.raises(ImproperlyConfigured, match=r"DOWNLOAD_ONLY_FILES names .*: zip, ps1"):
            file_extensions(env, "DOWNLOAD_ONLY_FILES", ["zip", "ps1"])
    else:
        assert file_extensions(env, "DOWNLOAD_ONLY_FILES", ["zip", "ps1"]) == chosen
