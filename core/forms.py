"""How every form of the product is drawn: one template for each kind of field, with our components."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class PageFormRenderer(TemplatesSetting):
    """Fields are drawn by templates/forms/field.html, in the design system's markup."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
