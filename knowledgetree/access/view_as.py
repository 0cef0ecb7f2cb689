"""“View as …”: an admin chooses with whose rights to look at the site, and stops it again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from knowledgetree.access.companies import UnknownCompany, account_of, named
from knowledgetree.accounts.rights import policy, viewing
from knowledgetree.accounts.roles import Role

_WHAT_ROLES_ARE = {
    Role.TECHNICIAN: "a technician",
    Role.BILLING: "a billing person",
    Role.CLIENT: "a person of a client",
}


class ViewAsForm(forms.Form):
    """A person, or else a role; for a client's, one company."""

    person = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("username"),
        required=False,
        label="A person",
        empty_label="nobody in particular",
    )
    role = forms.ChoiceField(
        choices=[(role.value, _WHAT_ROLES_ARE[role]) for role in viewing.ROLES], required=False, label="Or as"
    )
    company = forms.CharField(max_length=200, required=False, label="Company, by name or account number")

    def clean_company(self) -> str:
        """Its account number, if one is written."""
        typed = str(self.cleaned_data["company"]).strip()
        try:
            return account_of(typed) if typed else ""
        except UnknownCompany as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if person := given.get("person"):
            if policy.role_of(person) is Role.ADMIN:
                self.add_error("person", "This person is an admin and sees what you see.")
            return given
        if self.errors:
            return given
        if not given.get("role"):
            raise forms.ValidationError("Choose a person or a group.")
        if given["role"] == Role.CLIENT.value and not given.get("company"):
            self.add_error("company", "Name the company whose people you want to view the site as.")
        return given


@require_http_methods(["GET", "HEAD", "POST"])
def view_as(request: HttpRequest) -> HttpResponse:
    """The form; a POST begins to view the site as somebody else."""
    form = ViewAsForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "registration/view_as.html", {"form": form}, status=422 if form.is_bound else 200)
    chosen = form.cleaned_data
    role = Role(chosen["role"] or Role.NONE.value)
    account = chosen["company"]
    names = [client.name for client in named([account])] if account else [""]
    viewing.start(request, person=chosen["person"], role=role, account=account, company_name=names[0])
    return redirect("home")


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Give the admin their own rights back."""
    viewing.stop(request)
    messages.success(request, "You see the site with your own rights again.")
    return redirect("home")
