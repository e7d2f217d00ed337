"""Settings of the control: the product without the transaction and the lock that decide places. It must oversell."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.live.unlocked_urls"
