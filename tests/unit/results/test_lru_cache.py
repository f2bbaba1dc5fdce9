from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from adapters.results.reading.lru_cache import LruCache

RUN, OTHER = ("run-1", 7), ("run-2", 9)


def kept(cache: LruCache, *keys: tuple[object, ...]) -> list[bool]:
    """Asks without storing anything: a result that has to be made raises."""

    def missing() -> object:
        raise LookupError

    in_cache = []
    for key in keys:
        try:
            cache.get(key, missing)
        except LookupError:
            in_cache.append(False)
        else:
            in_cache.append(True)
    return in_cache


def test_the_least_recently_used_result_is_evicted_first() -> None:
    cache = LruCache(2)
    cache.get((RUN, "a"), lambda: 1)
    cache.get((RUN, "b"), lambda: 2)
    assert cache.get((RUN, "a"), lambda: 99) == 1
    cache.get((RUN, "c"), lambda: 3)
    assert kept(cache, (RUN, "a"), (RUN, "b"), (RUN, "c")) == [True, False, True]


def test_results_are_evicted_by_their_size() -> None:
    cache = LruCache(10, weigh=len)
    cache.get((RUN, "a"), lambda: "x" * 4)
    cache.get((RUN, "b"), lambda: "x" * 6)
    assert kept(cache, (RUN, "a"), (RUN, "b")) == [True, True]
    cache.get((RUN, "c"), lambda: "x" * 5)
    assert kept(cache, (RUN, "a"), (RUN, "b"), (RUN, "c")) == [False, False, True]


def test_the_newest_result_is_kept_whatever_its_size() -> None:
    cache = LruCache(10, weigh=len)
    cache.get((RUN, "a"), lambda: "x")
    cache.get((RUN, "b"), lambda: "x" * 11)
    assert kept(cache, (RUN, "a"), (RUN, "b")) == [False, True]


def test_evicting_a_run_keeps_the_others() -> None:
    cache = LruCache(10)
    for key in ((RUN, "a"), (RUN, "b"), (OTHER, "a")):
        cache.get(key, lambda: 1)
    cache.forget("run-1")
    assert kept(cache, (RUN, "a"), (RUN, "b"), (OTHER, "a")) == [False, False, True]


def test_a_slow_computation_blocks_no_other_key() -> None:
    cache, begun, may_end = LruCache(10), threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert may_end.wait(10)
        return 1

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(cache.get, (RUN, "slow"), slow)
        assert begun.wait(10)
        assert cache.get((RUN, "quick"), lambda: 2) == 2
        may_end.set()
        assert waiting.result(10) == 1


def test_many_threads_share_a_cache() -> None:
    cache = LruCache(3)
    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda i: cache.get((RUN, i % 7), lambda: i % 7), range(2000)))
    assert values == [i % 7 for i in range(2000)]
