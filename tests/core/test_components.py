from __future__ import annotations

from django import forms
from django.template.loader import render_to_string
from django.test import Client

from core.templatetags import look


def test_a_bar_is_never_longer_than_its_scale() -> None:
    assert [look.share_of(part, whole) for part, whole in ((1, 3), (3, 3), (4, 3), (0, 3), (1, 0), ("", ""))] == [
        "33.33",
        "100",
        "100",
        "0",
        "0",
        "0",
    ]


def test_the_difference_takes_what_templates_pass() -> None:
    assert [look.minus("20", 13), look.minus(20, "0"), look.minus("", "")] == [7, 20, 0]


class Asked(forms.Form):
    name = forms.CharField(label="Your <name>", help_text="As on <your> badge")
    day = forms.DateField(label="Day")
    way = forms.ChoiceField(label="Way", choices=[("a", "By <bus>"), ("b", "On foot")], widget=forms.RadioSelect)
    agrees = forms.BooleanField(label="I agree", required=False)


def test_a_field_says_its_hint_and_its_error_to_a_screen_reader() -> None:
    group = Asked({"day": "31/2/2027"})["name"].as_field_group()
    assert group.count('aria-describedby="id_name_helptext id_name_error"') == 1
    assert group.count('id="id_name_helptext"') == 1
    assert group.count('id="id_name_error"') == 1
    assert group.count('aria-invalid="true"') == 1
    assert group.count("Your &lt;name&gt;") == 1
    assert group.count("As on &lt;your&gt; badge") == 1


def test_radios_stand_in_a_fieldset_with_a_legend_and_a_label_each() -> None:
    group = Asked({})["way"].as_field_group()
    assert (group.count("<fieldset"), group.count("<legend"), group.count("<label"), group.count('type="radio"')) == (1, 1, 2, 2)
    assert group.count("By &lt;bus&gt;") == 1


def test_the_error_summary_leads_to_each_field() -> None:
    form = Asked({"day": "31/2/2027"})
    form.add_error(None, "The two do not fit together.")
    page = render_to_string("core/components.html", {"wrong": form})
    summary = page.split('class="govuk-error-summary"')[1]
    assert [part.split('"')[0] for part in summary.split('href="#')[1:]] == ["id_name", "id_day", "id_way_0"]
    assert summary.count("<li>The two do not fit together.</li>") == 1


def test_days_are_read_and_written_the_british_way() -> None:
    form = Asked({"name": "Sam", "day": "1/2/2027", "way": "a"})
    assert form.is_valid()
    assert form.cleaned_data["day"].isoformat() == "2027-02-01"
    assert Asked(initial={"day": form.cleaned_data["day"]})["day"].as_widget().count('value="01/02/2027"') == 1


def test_each_component_is_on_the_page(client: Client, db: None) -> None:
    assert client.get("/components/").status_code == 200
