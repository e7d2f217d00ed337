from allauth.account.forms import RequestLoginCodeForm


class RequestSignInCodeForm(RequestLoginCodeForm):
    pass
