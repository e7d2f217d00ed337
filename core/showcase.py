"""The page that shows each component in every state, for whoever builds with them and whoever checks them."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.access import public

BARS = [
    {"label": "Primary schools", "value": "120", "share": 100, "sum": "120 of 260 people", "href": "#bars"},
    {"label": "Health", "value": "84", "share": 70, "sum": "84 of 260 people"},
    {"label": "A sector with a name so long that it has to go over two lines on a phone", "value": "56", "share": 46.7},
    {"label": "Police", "value": "0", "share": 0},
]
STATUSES = ["confirmed", "waiting", "offered", "requested", "cancelled", "declined", "draft", "published"]
STATUSES += ["present", "late", "left_early", "absent", "attended", "part_attended", "did_not_attend"]

ROW = {"forename": "Sam", "surname": "Okafor", "organisation": "Riverside Primary School", "version": 1}
ROWS = [
    ({**ROW, "person_id": "1", "value": "", "label": "Not marked"}, ""),
    ({**ROW, "person_id": "2", "value": "present", "label": "Present"}, ""),
    ({**ROW, "person_id": "3", "value": "late", "label": "Late", "is_walk_in": True}, ""),
    ({**ROW, "person_id": "4", "value": "left_early", "label": "Left early", "has_cancelled": True}, ""),
    ({**ROW, "person_id": "5", "value": "absent", "label": "Absent"}, "Alex Bell marked this person at 9.35am. Look again."),
]
READ_ONLY = [{**line, "person_id": f"read-only-{line['person_id']}"} for line, _ in ROWS]


class EveryField(forms.Form):
    name = forms.CharField(label="Your name", help_text="As it should stand on a certificate")
    day = forms.DateField(label="Day", help_text="For example, 27/3/2027")
    email = forms.EmailField(label="Your manager's e-mail address", required=False)
    sector = forms.ChoiceField(label="Sector", choices=[("", "Choose one"), ("1", "Schools"), ("2", "Health")])
    needs = forms.CharField(label="What would help you to take part", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    format = forms.ChoiceField(
        label="How you want to learn", choices=[("a", "Classroom"), ("b", "Virtual")], widget=forms.RadioSelect
    )
    themes = forms.MultipleChoiceField(
        label="Themes", choices=[("a", "Neglect"), ("b", "Online safety")], widget=forms.CheckboxSelectMultiple, required=False
    )
    file = forms.FileField(label="File", required=False)
    agrees = forms.BooleanField(label="I have no organisation", required=False)


@public
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    page = Paginator(range(600), 50).get_page(request.GET.get("page", 4))
    tags = [{"label": "Theme: Neglect", "href": "?"}, {"label": "Places left", "href": "?"}]
    context = {"empty": EveryField(), "wrong": EveryField({"day": "31/2/2027", "email": "nobody"}), "bars": BARS}
    statuses = [(status, status.replace("_", " ").capitalize()) for status in STATUSES]
    return render(
        request,
        "core/components.html",
        {**context, "page": page, "tags": tags, "statuses": statuses, "rows": ROWS, "read_only": READ_ONLY},
    )
