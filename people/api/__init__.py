"""The API's door. Nothing is imported here: rest_framework loads the access before the views."""
