"""A process of its own that issues 320 numbers from eight threads and prints them: `python -m tests.storage.issue_many URL`."""

import sys

from gevent import monkey

if "--gevent" in sys.argv:
    monkey.patch_all()

import json
from concurrent.futures import ThreadPoolExecutor

import gevent.threadpool

from storage import Store
from tests.storage.miniature import UNDER_GEVENT, issue


def main(url: str) -> None:
    native = {"run": gevent.threadpool.ThreadPool(1).apply} if UNDER_GEVENT and url.startswith("sqlite") else {}
    store = Store(url, **native)
    with ThreadPoolExecutor(8) as threads:
        print(json.dumps(list(threads.map(lambda _: store.write(issue), range(8 * 40)))))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1])
