"""The environment of a test run, set before Django reads its settings. What is set outside wins."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789")
os.environ.setdefault("DEMO", "1")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("STATIC_COLLECTED", "0")
os.environ.setdefault("ZEAL", "1")
