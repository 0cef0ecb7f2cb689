"""The SQL tables of accounts: API tokens, people who sign in elsewhere, and what is open to people of clients."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from knowledgetree.basics.rights.scopes import Scope


class ApiToken(models.Model):
    """A token with which a program does what its owner may do, as far as its scopes go. The token itself is not kept.

    ``prefix`` is its beginning, by which people know it; ``digest`` the SHA-256 of the whole. ``companies`` holds the
    account numbers of those that it is for; empty for all.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    companies = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager["ApiToken"] = models.Manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=("prefix",), name="api_token_prefix"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def allowed(self) -> frozenset[Scope]:
        """The scopes that are known today."""
        return frozenset(scope for scope in Scope if scope.value in self.scopes)

    @property
    def only_companies(self) -> frozenset[str] | None:
        """The account numbers of the companies that it is for; None for all."""
        return frozenset(map(str, self.companies)) or None

    @property
    def is_working(self) -> bool:
        return self.revoked_at is None and not self.is_expired and self.owner.is_active


class CorePerson(models.Model):
    """A person whom Core has signed in, and the account that was made for them.

    ``sub`` is their id at Core; ``seen_at`` tells to the hour when Core last said who they are.
    """

    sub = models.CharField(max_length=255, unique=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="core_person")
    seen_at = models.DateTimeField(default=timezone.now)

    objects: models.Manager["CorePerson"] = models.Manager()

    def __str__(self) -> str:
        return f"{self.user} ({self.sub})"


class OpenIdPerson(models.Model):
    """A person whom an OpenID provider has signed in, and the account that was made for them.

    ``issuer`` and ``subject`` together are their id; ``seen_at`` tells when they signed in last.
    """

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openid_person")
    seen_at = models.DateTimeField(default=timezone.now)

    objects: models.Manager["OpenIdPerson"] = models.Manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_of_a_subject"),)

    def __str__(self) -> str:
        return f"{self.user} ({self.subject} at {self.issuer})"


class OpenedCompany(models.Model):
    """A company that an admin has opened to a person of the group ``client``; without any, they see nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="opened_companies")
    account_number = models.CharField(max_length=200)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: models.Manager["OpenedCompany"] = models.Manager()

    class Meta:
        ordering = ("user__username",)
        constraints = (models.UniqueConstraint(fields=("user", "account_number"), name="opened_once"),)

    def __str__(self) -> str:
        return f"{self.account_number} to {self.user}"
