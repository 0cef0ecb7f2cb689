"""Implements Codex's rate limit, which counts per route and client address, in a sliding window."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class RateLimit:
    """Counts the calls that were let through; those refused do not prolong the wait."""

    per_minute: int = 500
    per_hour: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _calls: dict[str, deque[float]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def allows(self, caller: str) -> bool:
        """Whether this caller (an IP address with a route) may call now; if so, the call is counted."""
        now = self.clock()
        with self._lock:
            calls = self._calls.setdefault(caller, deque())
            while calls and calls[0] <= now - 3600:
                calls.popleft()
            last_minute = _newer_than(calls, now - 60, self.per_minute)
            if len(calls) >= self.per_hour or last_minute >= self.per_minute:
                return False
            calls.append(now)
            return True


def _newer_than(calls: deque[float], moment: float, enough: int) -> int:
    count = 0
    for call in reversed(calls):
        if call <= moment or count >= enough:
            break
        count += 1
    return count
