"""Rows a few at a time: by number, by weight, and each lane by itself."""

from collections.abc import Iterator

from knowledgetree.basics.batches import in_batches, in_lanes, in_weighed_batches


def test_by_number_the_last_batch_is_the_rest() -> None:
    assert list(in_batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(in_batches([], 3)) == []


def test_by_weight_a_batch_ends_where_one_sum_is_full() -> None:
    batches = in_weighed_batches(["a", "b", "cccc", "d", "e", "f"], (3, 5), lambda text: (1, len(text)))
    assert list(batches) == [["a", "b", "cccc"], ["d", "e", "f"]]
    assert list(in_weighed_batches(["aaaaa", "b"], (3, 5), lambda text: (1, len(text)))) == [["aaaaa"], ["b"]]


def test_lanes_fill_by_themselves_and_nothing_is_read_ahead() -> None:
    read: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(7):
            read.append(number)
            yield number

    lanes = in_lanes(numbers(), lambda number: number % 2, (2,), lambda _: (1,))
    assert next(lanes) == (0, [0, 2])
    assert read == [0, 1, 2]
    assert list(lanes) == [(1, [1, 3]), (0, [4, 6]), (1, [5])]
