"""One local Neo4j: its folder, its neo4j.conf, its initial password, and the Java commands that run it."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledgetree.basics.private_files import owner_only
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.jars import MAVEN_CENTRAL, class_path
from knowledgetree.launcher.neo4j_local.java import find_java

HOST = "127.0.0.1"
USER = "neo4j"
DATABASE = "neo4j"
# The options that the server's own start script passes to Java.
JAVA_OPTIONS = (
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dfile.encoding=UTF-8",
)


QUICK_START = "-XX:TieredStopAtLevel=1"  # half the CPU time to start, slower in the long run


@dataclass(frozen=True)
class Installation:
    """The location and configuration of a local Neo4j. ``home`` contains its data, ``jars_folder`` its program.

    Memory sizes are in MB. ``more_settings`` are further settings for neo4j.conf, which override ours.
    """

    home: Path
    bolt_port: int
    password: str = field(repr=False)
    jars_folder: Path
    repository: str = MAVEN_CENTRAL
    heap_mb: int = 1024
    page_cache_mb: int = 512
    more_settings: Mapping[str, str] = field(default_factory=dict)
    more_java_options: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        return f"bolt://{HOST}:{self.bolt_port}"

    @property
    def conf_folder(self) -> Path:
        return self.home / "conf"

    @property
    def state_file(self) -> Path:
        return self.home / "server.json"  # not run/neo4j.pid, which the server itself writes and deletes

    @property
    def console_log(self) -> Path:
        return self.home / "logs" / "console.log"

    @property
    def was_started_before(self) -> bool:
        return (self.home / "data" / "databases" / "system").exists()

    def environment(self) -> dict[str, str]:
        return {**os.environ, "NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.conf_folder)}

    def server_command(self) -> list[str]:
        folders = (f"--home-dir={self.home}", f"--config-dir={self.conf_folder}")
        heap = (f"-Xms{self.heap_mb}m", f"-Xmx{self.heap_mb}m")
        main_class = "org.neo4j.server.CommunityEntryPoint"
        return [*self._java(), *heap, *JAVA_OPTIONS, *self.more_java_options, main_class, *folders, "--console-mode"]

    def admin_command(self, *arguments: str) -> list[str]:
        """The command line of ``neo4j-admin`` with these arguments. Run it with ``environment()``."""
        return [*self._java(), "-XX:+UseSerialGC", QUICK_START, "org.neo4j.cli.AdminTool", *arguments]

    def _java(self) -> list[str]:
        return [str(find_java()), "-cp", class_path(self.jars_folder, self.repository)]


def prepare(neo4j: Installation) -> None:
    """Create the folders, write neo4j.conf, and set the initial password if this Neo4j never ran.

    Raises LocalNeo4jError if a folder cannot be written or the program cannot be downloaded.
    """
    try:
        for folder in ("conf", "data", "logs", "run", "plugins", "import", "lib", "licenses"):
            (neo4j.home / folder).mkdir(parents=True, exist_ok=True)
        neo4j.home.chmod(0o700)
        lines = [f"{name}={value}" for name, value in _settings(neo4j).items()]
        head = "# Written at each start by KnowledgeTree; changes made here are lost."
        (neo4j.conf_folder / "neo4j.conf").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    except OSError as error:
        raise LocalNeo4jError(f"Cannot write the folder {neo4j.home} of the local Neo4j: {error.strerror}.") from error
    if not neo4j.was_started_before:
        _set_first_password(neo4j)


def _settings(neo4j: Installation) -> dict[str, str]:
    """https://neo4j.com/docs/operations-manual/5/configuration/configuration-settings/"""
    return {
        "server.default_listen_address": HOST,
        "server.default_advertised_address": HOST,
        "server.bolt.listen_address": f"{HOST}:{neo4j.bolt_port}",
        "server.bolt.advertised_address": f"{HOST}:{neo4j.bolt_port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.heap.initial_size": f"{neo4j.heap_mb}m",
        "server.memory.heap.max_size": f"{neo4j.heap_mb}m",
        "server.memory.pagecache.size": f"{neo4j.page_cache_mb}m",
        "db.memory.transaction.total.max": f"{neo4j.heap_mb * 7 // 10}m",
        "db.tx_log.rotation.retention_policy": "1 days 256M",
        "db.logs.query.enabled": "OFF",
        "dbms.usage_report.enabled": "false",
        # A heartbeat every two seconds, even during long queries; after four seconds without one, clients time out.
        "server.bolt.connection_keep_alive": "2s",
        "server.bolt.connection_keep_alive_probes": "2",
        "server.bolt.connection_keep_alive_for_requests": "ALL",
        # By default a shutdown waits 10 s for idle threads, long after the database is closed.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        **neo4j.more_settings,
    }


def _set_first_password(neo4j: Installation) -> None:
    """Set the password through a file of arguments, because every user can read command lines."""
    arguments = neo4j.home / "run" / "first-password"
    quoted = neo4j.password.replace("\\", "\\\\").replace('"', '\\"')
    try:
        arguments.unlink(missing_ok=True)
        with open(arguments, "x", encoding="utf-8", opener=owner_only) as file:
            file.write(f'--\n"{quoted}"\n')
        run_admin(neo4j, "dbms", "set-initial-password", f"@{arguments}")
    finally:
        arguments.unlink(missing_ok=True)


def run_admin(
    neo4j: Installation,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> None:
    """Run ``neo4j-admin`` with these file descriptors. Raises LocalNeo4jError with the reason if it fails."""
    completed = subprocess.run(
        neo4j.admin_command(*arguments),
        check=False,
        env=neo4j.environment(),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    if completed.returncode:
        raise LocalNeo4jError(f"neo4j-admin {' '.join(arguments[:2])}: {reason(completed.stderr)}")


def reason(text: str) -> str:
    """The line that says why a Java program failed: the first that looks like an error, or else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"Failed|ERROR|Error|Caused by|Exception", line)]
    return (telling[:1] or lines[-1:] or ["it said nothing"])[0]
