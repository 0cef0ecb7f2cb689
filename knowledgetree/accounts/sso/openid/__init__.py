"""People whom an OpenID Connect provider signs in (authorization code with PKCE, by mozilla-django-oidc).

configured.py  the provider that is set, and the refusal of a sign-in
provider.py    asks the provider, and checks what its token says
people.py      the account of a person who signs in there
views.py       to the provider, and back from it
"""
