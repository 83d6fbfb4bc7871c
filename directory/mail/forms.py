"""The filter of the outbox."""

from __future__ import annotations

from typing import Any

from django import forms

from directory.forms.layout import NswForm
from directory.models import Inbox, Mail
from directory.models.mail import MailQuerySet


class OutboxFilterForm(NswForm, forms.Form):
    """Narrows the mails that somebody may read to a state and an inbox."""

    state = forms.ChoiceField(
        label="State", choices=[("", "Any"), *Mail.State.choices], required=False
    )
    inbox = forms.ModelChoiceField(
        queryset=Inbox.objects.none(), label="Inbox", required=False, empty_label="Any"
    )
    method = "get"
    mark_optional = False

    def __init__(self, *args: Any, mails: MailQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mails = mails
        inboxes = Inbox.objects.filter(pk__in=mails.order_by().values("inbox"))
        self.fields["inbox"].queryset = inboxes  # type: ignore[attr-defined]  # it is a choice of rows

    def filtered_mails(self) -> MailQuerySet:
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return self.mails.filter(**chosen)
