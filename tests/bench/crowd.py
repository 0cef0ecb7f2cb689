"""Many clients at the same time, each with a pause between its requests, as of people and programs that do something
with the responses.
"""

import random
import threading
import time
from collections.abc import Callable

import requests

Ask = Callable[[requests.Session, random.Random], int]


def crowd(clients: int, pause: float, ask: Ask, is_over: Callable[[], bool]) -> tuple[list[float], int]:
    """The wall times of all requests in seconds, and how many failed, until ``is_over``.

    ``ask`` sends one request and returns its status; anything but 200 has failed. ``pause``: seconds from the
    beginning of a client's request to that of its next.
    """
    walls: list[float] = []
    failed: list[int] = []

    def client(number: int) -> None:
        session, chance = requests.Session(), random.Random(number)  # noqa: S311 the same requests in each run
        time.sleep(pause * number / clients)
        while not is_over():
            started = time.perf_counter()
            try:
                status = ask(session, chance)
            except requests.RequestException:
                status = 0
            took = time.perf_counter() - started
            walls.append(took)
            if status != requests.codes.ok:
                failed.append(status)
            time.sleep(max(pause - took, 0))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return walls, len(failed)
