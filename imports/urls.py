from django.urls import path

from imports.views import batches, organisations

urlpatterns = [
    path("imports/", batches.new, name="import_new"),
    path("imports/<uuid:batch_id>/", batches.batch, name="import_batch"),
    path("imports/<uuid:batch_id>/bring-over/", batches.start, name="import_bring_over"),
    path("imports/<uuid:batch_id>/refused.csv", batches.refused_csv, name="import_refused_csv"),
    path("imports/organisations/", organisations.unmatched, name="unmatched_organisations"),
    path("imports/organisations/match/", organisations.match, name="match_organisation"),
    path("imports/organisations/add/", organisations.add, name="add_organisation"),
    path("imports/organisations/settle/", organisations.settle, name="settle_organisation"),
    path("imports/organisations/names/", organisations.other_names, name="organisation_names"),
    path("imports/organisations/names/<uuid:alias_id>/undo/", organisations.unsettle, name="unsettle_organisation"),
]
