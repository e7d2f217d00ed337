import gc
import os
import sys

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from core.clock import now
from core.working_days import bank_holidays

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Somebody who holds the lock of an event's places gives Python's own lock away at each question to the database. By default the
# next thread may then keep that one for five milliseconds, ten times in a booking, while everybody waits.
sys.setswitchinterval(0.0005)
application = get_wsgi_application()
# What every request uses is loaded now and kept out of Python's search for rubbish, which else went through all of it every now
# and then, and held one page in twenty up for a tenth of a second.
get_resolver().url_patterns  # noqa: B018 - imports all views
# Loading the bank holidays takes up to a second, and whoever joins a waiting list would hold the event meanwhile.
bank_holidays(now().year)
gc.collect()
gc.freeze()
