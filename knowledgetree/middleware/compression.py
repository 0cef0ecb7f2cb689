"""Pages are compressed: most of a page is the same few words of HTML."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPagesMiddleware(GZipMiddleware):
    """Compress pages, and nothing else.

    Django adds random bytes and masks its tokens anew each time, so that the lengths of pages hardly tell of secrets
    (https://www.breachattack.com). The responses of APIs are left alone, because their ETags would become weak ones,
    with which no change may be made (RFC 9110, 13.1.1).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response
