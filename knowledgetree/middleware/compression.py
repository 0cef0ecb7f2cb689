"""Pages are compressed: most of a page is the same few words of HTML."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPagesMiddleware(GZipMiddleware):
    """Compress pages, and nothing else.

    Django adds random bytes, so that the length of a page tells nothing of its secrets (BREACH). The responses of APIs
    are left alone, because their ETags would become weak ones, with which no change may be made (RFC 9110, 13.1.1).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response
