"""The program as its entry point starts it, with one more kind of account.

`TEST_EVERY_MS`: how often all are read; `TEST_SEND_AGAIN_MS`: when what was sent and not begun counts as lost;
`TEST_CERTS`: where the keys stand that Google signs with;
`TEST_UNCONFIRMED`: RabbitMQ is not asked to confirm.
"""

from __future__ import annotations

import os

from tests.workers import provider

provider.install()
if "TEST_EVERY_MS" in os.environ:
    from workers import plan

    plan.EVERY.clear()
    plan.EVERY_OTHER = int(os.environ["TEST_EVERY_MS"])

if "TEST_SEND_AGAIN_MS" in os.environ:
    from workers import plan

    plan.SEND_AGAIN = int(os.environ["TEST_SEND_AGAIN_MS"])

if "TEST_UNCONFIRMED" in os.environ:
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    RabbitmqBroker.confirm_delivery = property(lambda _: False, lambda *_: None)  # type: ignore[assignment]

if "TEST_CERTS" in os.environ:
    from connectors.notified import keys

    keys.URL = os.environ["TEST_CERTS"]

if __name__ == "__main__":
    from amity.cli import main

    main()
