import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Somebody who holds the lock of an event's places gives Python's own lock away at each question to the database. By default the
# next thread may then keep that one for five milliseconds, ten times in a booking, while everybody waits.
sys.setswitchinterval(0.0005)
application = get_wsgi_application()
