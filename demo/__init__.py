"""The demonstration partnership: Riverside's four years (riverside/), who signs in, and a programme that always lies ahead.

Everybody in it is made up. Loaded by manage.py load_demo through the same operations as the pages.
"""
