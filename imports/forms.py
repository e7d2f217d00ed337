from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from people.models import Borough, Sector


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files sent in one field, as a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:  # type: ignore[override]
        sent = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in sent or [None]]


class UploadForm(forms.Form):
    exported = FilesField(
        label="Files of the export",
        help_text="Choose the nine CSV files together, or one .zip that holds them. Up to 20 MB each.",
        widget=ManyFiles(attrs={"accept": ".csv,.zip"}),
        error_messages={"required": "Choose the files of the export", "empty": "A file is empty. Export it again."},
    )


class NewOrganisationForm(forms.Form):
    name = forms.CharField(label="Name", max_length=160)
    sector = forms.ModelChoiceField(Sector.objects.all(), label="Sector", empty_label="Choose a sector")
    borough = forms.ModelChoiceField(Borough.objects.all(), label="Borough", required=False, empty_label="More than one, or none")
