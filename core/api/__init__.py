"""What every part of the API stands on. Nothing is imported here: rest_framework loads the parsing before the views."""
