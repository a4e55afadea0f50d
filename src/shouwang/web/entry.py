"""登录: the door."""

from django.contrib.auth import views

from shouwang.accounts.login import LoginForm


class Login(views.LoginView):
    template_name = "desk/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True


class Logout(views.LogoutView):
    """By POST only, as Django has it."""
