"""What it costs to find out who sends a token that was seen a moment ago: an API token, and one of Core.

The signature and the session of a token of Core are checked without a question to Core. The account, and an API token
with all that may have ended it, are looked up in SQL each time, so that both end at once.

Started by run.py. Core is that of the sample Codex.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import django

CHECKS = 2000


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from knowledgetree.accounts import api_tokens
    from knowledgetree.accounts.identify import identified
    from knowledgetree.accounts.sso.core import sessions
    from knowledgetree.accounts.sso.core.claims import PersonClaims, claims_of
    from knowledgetree.basics.rights.scopes import Scope
    from tests.fake_codex import fake_codex

    call_command("migrate", verbosity=0)
    owner, _ = User.objects.get_or_create(username="bench-tokens")
    _, own = api_tokens.make(owner, "bench", [Scope.READ])
    with fake_codex(companies=1, contacts=0, assets=0, tickets=0) as codex:
        settings.CORE = replace(settings.CORE, url=codex.url)
        of_core = codex.core.user_token("technician", sub="bench-1", name="Bench", email="")
        identified(of_core)  # asks Core for its keys and for the session, and makes the account

        def check() -> None:
            claims = claims_of(of_core)
            assert isinstance(claims, PersonClaims)
            sessions.check(of_core, claims)

        found = {
            "core": _median(check),
            "core_with_account": _median(lambda: identified(of_core)),
            "api_token": _median(lambda: identified(own)),
        }
    print(json.dumps(found))


def _median(check: Callable[[], object]) -> float:
    """Of one check, in milliseconds."""
    walls = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        check()
        walls.append(1000 * (time.perf_counter() - started))
    return statistics.median(walls)


if __name__ == "__main__":
    main()
