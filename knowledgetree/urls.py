"""The root URL configuration. ``accounts/rights/policy.py`` says who may use which route."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path

from knowledgetree import health
from knowledgetree.access import company_readers, tokens, view_as
from knowledgetree.accounts.login.fresh_login import ConfirmPasswordView
from knowledgetree.accounts.login.password_change import ChangePasswordView
from knowledgetree.accounts.sso.openid import views as openid
from knowledgetree.api_v1 import api as api_v1
from knowledgetree.audit import pages as audit_pages
from knowledgetree.webhooks import pages as webhook_pages

admin.autodiscover()

urlpatterns = [
    path("health", health.health, name="health"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.health, name="health-ready"),
    path("accounts/login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/openid/", openid.begin, name="openid-login"),
    path("accounts/openid/callback/", openid.callback, name="openid-callback"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("accounts/confirm/", ConfirmPasswordView.as_view(), name="password_confirm"),
    path("accounts/password/", ChangePasswordView.as_view(), name="password_change"),
    path("accounts/password/done/", auth_views.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("accounts/tokens/", tokens.tokens, name="tokens"),
    path("accounts/tokens/make/", tokens.make, name="token-make"),
    path("accounts/tokens/<number:number>/revoke/", tokens.revoke, name="token-revoke"),
    path("audit/", audit_pages.audit, name="audit"),
    path("audit/csv/", audit_pages.audit_csv, name="audit-csv"),
    path("webhooks/", webhook_pages.webhooks, name="webhooks"),
    path("webhooks/add/", webhook_pages.add, name="webhook-add"),
    path("webhooks/<number:number>/", webhook_pages.webhook, name="webhook"),
    path("webhooks/<number:number>/secret/", webhook_pages.make_secret, name="webhook-secret"),
    path("webhooks/<number:number>/events/", webhook_pages.choose, name="webhook-choose"),
    path("webhooks/<number:number>/switch/", webhook_pages.switch, name="webhook-switch"),
    path("webhooks/<number:number>/remove/", webhook_pages.remove, name="webhook-remove"),
    path("webhooks/<number:number>/test/", webhook_pages.test, name="webhook-test"),
    path("webhooks/<number:number>/again/<number:delivery>/", webhook_pages.again, name="webhook-again"),
    path("accounts/view-as/", view_as.view_as, name="view-as"),
    path("accounts/view-as/stop/", view_as.stop, name="view-as-stop"),
    path("node/<str:uid>/readers/", company_readers.readers, name="company-readers"),
    path("node/<str:uid>/readers/change/", company_readers.change, name="company-open"),
    path("api/v1/", api_v1.urls()),
    path("", include("syncing.urls")),
    path("", include("tree.urls")),
    path("admin/", admin.site.urls),  # the last: some of the old application's routes begin like it
]

handler400 = "knowledgetree.problems.bad_request"
handler404 = "knowledgetree.problems.not_found"
handler500 = "knowledgetree.problems.server_error"
