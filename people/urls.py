from django.urls import URLPattern, path

from people import brand, hearing, token_views, views

urlpatterns: list[URLPattern] = [
    path("sign-in/", views.sign_in, name="account_request_login_code"),
    path("sign-in/", views.sign_in, name="account_login"),  # the name under which the sign-in library looks for it
    path("sign-in/code/", views.sign_in_code, name="account_confirm_login_code"),
    path("sign-in/stopped/", views.sign_in_stopped, name="account_inactive"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("partnership.css", brand.partnership_css, name="partnership_css"),
    path("logos/<uuid:partnership_id>.png", brand.partnership_logo, name="partnership_logo"),
    path("profile/", views.profile, name="profile"),
    path("profile/tokens/", token_views.api_tokens, name="api_tokens"),
    path("profile/tokens/new/", token_views.make_token, name="make_token"),
    path("profile/tokens/<uuid:token_id>/revoke/", token_views.revoke_token, name="revoke_token"),
    path("hearing/<str:token>/", hearing.stop_hearing, name="stop_hearing"),
    path("organisations/search/", views.organisation_search, name="organisation_search"),
]
