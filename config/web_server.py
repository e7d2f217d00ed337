"""How gunicorn runs the site: ``gunicorn -c config/web_server.py config.wsgi``. docs/decisions/0033 says why."""

workers = 2
threads = 4
worker_class = "gthread"
# A process takes a request only when one of its threads is free, and by that its connection ends with the answer. Else one
# process may hold three of four people who wait, for as long as their connections live, while the other has time.
worker_connections = threads
keepalive = 0
graceful_timeout = 5
loglevel = "warning"
