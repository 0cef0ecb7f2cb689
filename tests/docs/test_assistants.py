"""The set-ups of clients in docs/assistants.md."""

import json
import re

from django.core.management import get_commands, load_command_class
from django.urls import resolve, reverse

from tests.docs.pages import ROOT

_JSON = re.compile(r"^```json\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SITE = "https://kt.example.com"


def test_each_set_up_is_json_and_names_what_there_is() -> None:
    text = (ROOT / "docs" / "assistants.md").read_text(encoding="utf-8")
    set_ups = [json.loads(found) for found in _JSON.findall(text)]
    servers = [(one.get("mcpServers") or one["servers"])["knowledgetree"] for one in set_ups]
    assert len(servers) == 3
    for server in servers:
        if "url" in server:
            assert server["url"] == _SITE + reverse("mcp")
            assert resolve(server["url"].removeprefix(_SITE)).url_name == "mcp"
            assert server["headers"]["Authorization"].startswith("Bearer ${")
        else:
            _, name, *options = server["args"]
            command = load_command_class(get_commands()[name], name)
            command.create_parser("manage.py", name).parse_args(options)


def test_each_tool_is_explained() -> None:
    text = (ROOT / "docs" / "assistants.md").read_text(encoding="utf-8")
    tools = json.loads((ROOT / "tests" / "tree" / "mcp" / "tools.json").read_text(encoding="utf-8"))
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [tool["name"] for tool in tools]
