"""Templates of notes: which are offered where, what their variables become, and who may change them."""

import re
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from tests.people import client_of
from tests.tree.factory import Acme, make
from tree import operations, queries
from tree.models import VARIABLES, NoteTemplate
from tree.pages.writing import note_templates
from tree.text.rendering import render
from tree.vocabulary import COMPANIES_ID, ROOT_ID


def template(name: str, kind: str = "", text: str = "text") -> NoteTemplate:
    return NoteTemplate.objects.create(name=name, kind=kind, text=text)


def offered(client: Client, place: str) -> list[str]:
    page = client.get(f"/node/{place}/new/?kind=note").content.decode()
    return [unescape(name) for name in re.findall(r'<option value="\d+">([^<]*)', page)]


def make_note(client: Client, place: str, chosen: NoteTemplate) -> str:
    """The text of a note that was made with this template."""
    fields = {"kind": "note", "name": "From a template", "template": str(chosen.pk)}
    assert client.post(f"/node/{place}/new/", fields).status_code == 302
    uid = next(row.uid for row in queries.get_children(place).rows if row.name == "From a template")
    return queries.get_node(uid).content


def test_a_template_is_offered_below_its_kind_of_record(acme: Acme, technician: Client) -> None:
    for kind in ("", "Company", "User", "Asset", "Ticket"):
        template(f"for {kind or 'anything'}", kind)
    expected = {
        ROOT_ID: ["for anything"],
        COMPANIES_ID: ["for anything"],
        acme.company: ["for Company", "for anything"],
        acme.users: ["for Company", "for anything"],
        acme.ana: ["for User", "for anything"],
        acme.laptop: ["for Asset", "for anything"],
        acme.open: ["for Ticket", "for anything"],
    }
    assert {place: sorted(offered(technician, place)) for place in expected} == expected
    folder = operations.create_folder(acme.laptop, "Repairs", author="tess")
    assert sorted(offered(technician, folder)) == ["for Asset", "for anything"]


def test_without_templates_nothing_is_asked(acme: Acme, technician: Client) -> None:
    template("for a ticket", "Ticket")
    assert "Begin with" not in technician.get(f"/node/{acme.company}/new/?kind=note").content.decode()
    template("for anything")
    assert "Begin with" in technician.get(f"/node/{acme.company}/new/?kind=note").content.decode()
    assert "Begin with" not in technician.get(f"/node/{acme.company}/new/?kind=folder").content.decode()


def test_variables_are_filled_from_the_records_above(acme: Acme, technician: Client) -> None:
    text = "# {{ company.name }}: {{computer.name}}\n\n{{ today }} {{ author }} {{ ticket.subject }}"
    assert make_note(technician, acme.laptop, template("repair", "Asset", text)) == (
        f"# Acme Dental: LAPTOP-59\n\n{timezone.localdate().isoformat()} technician {{{{ ticket.subject }}}}"
    )


def test_a_value_is_text_and_never_markup_nor_a_variable(acme: Acme, technician: Client) -> None:
    evil = make("Company", "<img src=x onerror=alert(1)> [x](https://evil.example) {{ author }}\n# big")
    made = make_note(technician, evil, template("any", text="Of {{ company.name }}."))
    assert "{{ author }}" in made, "a value is not looked at again"
    html = str(render(made))
    assert "<img" not in html
    assert ">x</a>" not in html
    assert "<h1" not in html


def test_a_template_for_another_place_is_refused_and_the_name_stays(acme: Acme, technician: Client) -> None:
    wrong = template("for a ticket", "Ticket")
    template("for anything")
    fields = {"kind": "note", "name": "Typed", "template": str(wrong.pk)}
    answer = technician.post(f"/node/{acme.company}/new/", fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "not for this place" in page
    assert 'value="Typed"' in page


@pytest.mark.parametrize("text", ["{{ company.nmae }}", "{{}}", "{{ settings.SECRET_KEY }}", "{{ author|upper }}"])
def test_unknown_variables_are_refused_beside_the_text(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NoteTemplate(name="x", text=text).clean()
    assert list(refused.value.message_dict) == ["text"]
    assert "company.name" in refused.value.message_dict["text"][0]


def test_every_variable_is_taken() -> None:
    NoteTemplate(name="x", text=" ".join(f"{{{{ {name} }}}}" for name in VARIABLES)).clean()


@pytest.mark.parametrize("text", ["NUL \0", "half \ud83d", "x" * (256 * 1024 + 1)])
def test_texts_that_no_note_may_have_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        NoteTemplate(name="x", text=text).clean()


def test_admins_manage_templates_and_nobody_else_does(acme: Acme, db: None) -> None:
    fields = {"name": "Site visit", "kind": "Company", "text": "# {{ company.name }}"}
    for role in ("technician", "billing"):
        assert client_of(role).post("/admin/tree/notetemplate/add/", fields).status_code in (302, 403)
    assert not NoteTemplate.objects.exists()
    admin = client_of("admin")
    form = unescape(admin.get("/admin/tree/notetemplate/add/").content.decode())
    for shown in ("a computer", "Variables: {{ company.name }}", "{{ ticket.subject }}, {{ today }}, {{ author }}."):
        assert shown in form
    refused = admin.post("/admin/tree/notetemplate/add/", fields | {"text": "{{ nothing }}"})
    assert "Unknown: “nothing”." in unescape(refused.content.decode())
    assert admin.post("/admin/tree/notetemplate/add/", fields).status_code == 302
    assert [str(found) for found in note_templates.fitting(queries.get_node(acme.company))] == ["Site visit"]
    assert "Site visit" in admin.get("/admin/tree/notetemplate/").content.decode()
