"""Retries of requests: which failures are worth one, after which pause, and what is said in the end."""

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from syncing.exceptions import CodexError, CodexUnavailable, CoreError

ATTEMPTS = 5
ATTEMPTS_OF_ONE = 3  # while Codex answers others like it: what is broken stays so, and what passes does so in seconds
RETRY_SECONDS = 1.0  # the pause before the first retry; it doubles from there, with jitter
# The pauses, in RETRY_SECONDS, after a response that may mean "too many requests": Codex says 500 for up to 60 s then.
OUTLASTING = (1, 4, 16, 42)
LONGEST_RETRY_AFTER_SECONDS = 300
WORTH_A_LINE_SECONDS = 3.0
_CANNOT_RETRY = "Check that Codex runs and that the address is right, then try `manage.py check_codex`."
_CANNOT_RETRY_CORE = "Check that Core runs and that this address is right, then try `manage.py check_codex`."
T = TypeVar("T")
logger = logging.getLogger(__name__)


class Again(Exception):
    """Asks for a retry. ``error`` is raised after the last attempt; ``retry_after`` is a pause in seconds.

    ``may_be_limit``: Codex may have refused the request because there were too many in the last minute. ``attempts``:
    how many there are in all.
    """

    def __init__(self, error: CodexError, retry_after: float | None = None, *, may_be_limit: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after
        self.may_be_limit = may_be_limit
        self.attempts = ATTEMPTS

    def others_come(self) -> None:
        """Note that Codex answers others like this request now: it is no limit, and waiting longer does not help."""
        self.may_be_limit = False
        self.attempts = ATTEMPTS_OF_ONE


class Retries:
    """The retries of one client."""

    def __init__(self) -> None:
        self._seconds = RETRY_SECONDS
        self._outlasted: set[str] = set()  # routes that still failed when their limit was over, so it was not the limit

    def call(self, work: Callable[[], T], route: str) -> T:
        """Call ``work`` while it raises Again that asks for more attempts. ``route``: what Codex counts requests by."""
        started = time.monotonic()
        tries = Retrying(
            stop=_was_last,
            wait=lambda state: self._pause(state, route),
            retry=retry_if_exception_type(Again),
            reraise=True,
        )
        try:
            return tries(work)
        except Again as last:
            if last.may_be_limit:
                self._outlasted.add(route)
            number, seconds = tries.statistics["attempt_number"], time.monotonic() - started
            advice = _CANNOT_RETRY_CORE if isinstance(last.error, CoreError) else _CANNOT_RETRY
            raise type(last.error)(f"{last.error} Tried {number} times in {seconds:.0f} s. {advice}") from last

    def _pause(self, state: RetryCallState, route: str) -> float:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, Again):
            return 0.0
        if error.may_be_limit and route not in self._outlasted:
            longer = OUTLASTING[min(state.attempt_number, len(OUTLASTING)) - 1]
            pause = longer * self._seconds * random.uniform(1, 1.2)  # noqa: S311 (jitter)
        else:
            pause = wait_random_exponential(multiplier=self._seconds, max=60)(state)
        pause = max(pause, error.retry_after or 0.0)
        if pause > WORTH_A_LINE_SECONDS:
            logger.info("%s Trying again in %.0f s.", error, pause)
        return pause


def _was_last(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return not isinstance(error, Again) or state.attempt_number >= error.attempts


@contextmanager
def translated(whom: str, kind: type[CodexError] = CodexUnavailable) -> Iterator[None]:
    """Turn a failed connection to ``whom`` into Again with an error of this kind."""
    try:
        yield
    except requests.RequestException as error:
        raise Again(kind(f"Cannot connect to {whom}: {_short(error)}.")) from error


def later(response: requests.Response, error: CodexError) -> Exception:
    """Retry after the pause that the response asks for; do not retry if that pause is very long."""
    text = response.headers.get("Retry-After", "")
    seconds = float(text) if text.isdecimal() else None
    if seconds is not None and seconds > LONGEST_RETRY_AFTER_SECONDS:
        return type(error)(f"{error} It asks us to wait {seconds / 60:,.0f} minutes; run the sync again then.")
    return Again(error, seconds, may_be_limit=not isinstance(error, CoreError))


def _short(error: Exception) -> str:
    """The innermost reason, without the nested representation that requests prints."""
    while error.__context__ is not None and isinstance(error.__context__, Exception):
        error = error.__context__
    return (str(error) or type(error).__name__).splitlines()[0][:200]
