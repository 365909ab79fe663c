"""Signing in and out, passwords, accounts, and the page of a unit."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from units import forms, policies, queries, services
from units.rules import DomainError

ACCOUNTS_A_PAGE = 25

# --- in and out ----------------------------------------------------------------------------------
login = login_not_required(
    auth_views.LoginView.as_view(
        template_name="units/login.html",
        authentication_form=forms.LoginForm,
        redirect_authenticated_user=True,
    )
)


@login_not_required
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Open to all: who signed out in another window is not asked to sign in to sign out."""
    if request.user.is_authenticated:
        services.end_sessions(request.user, now=timezone.now())
    end_session(request)
    return redirect("units:login")


@sensitive_post_parameters()
def password_change(request: HttpRequest) -> HttpResponse:
    form = forms.PasswordChangeForm(request.user, request.POST or None)
    if form.is_valid():
        user = services.change_password(
            request.user,
            password=form.cleaned_data["new_password1"],
            actor=request.user,
            now=timezone.now(),
        )
        update_session_auth_hash(request, user)
        messages.success(request, "Đã đổi mật khẩu. Các thiết bị khác đã bị đăng xuất.")
        return redirect("home")
    return render(request, "units/password_change.html", {"form": form})


def reminders(request: HttpRequest) -> HttpResponse:
    form = forms.ReminderForm(request.POST or None, initial={"rhythm": request.user.reminders})
    if form.is_valid():
        services.choose_reminders(
            request.user,
            rhythm=form.cleaned_data["rhythm"],
            actor=request.user,
            now=timezone.now(),
        )
        messages.success(request, "Đã lưu nhịp thư nhắc việc.")
        return redirect("units:reminders")
    return render(request, "units/reminders.html", {"form": form})


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@login_not_required
def password_reset(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address belongs to an account or not."""
    form = forms.PasswordResetForm(request.POST or None)
    if form.is_valid():
        try:
            services.request_reset_links(form.cleaned_data["email"], origin=_origin(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("units:password_reset_done")
    return render(request, "units/password_reset.html", {"form": form})


@login_not_required
@require_safe
def password_reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "units/password_reset_done.html")


class PasswordResetConfirm(auth_views.PasswordResetConfirmView):
    """Django's handling of the token, our own service for the write."""

    form_class = forms.NewPasswordForm
    template_name = "units/password_reset_confirm.html"
    success_url = reverse_lazy("units:password_reset_complete")

    def form_valid(self, form: Form) -> HttpResponse:
        services.reset_password(
            self.user, password=form.cleaned_data["new_password1"], now=timezone.now()
        )
        del self.request.session[auth_views.INTERNAL_RESET_SESSION_TOKEN]
        return redirect(self.get_success_url())


password_reset_confirm = login_not_required(PasswordResetConfirm.as_view())


@login_not_required
@require_safe
def password_reset_complete(request: HttpRequest) -> HttpResponse:
    return render(request, "units/password_reset_complete.html")


# --- accounts ------------------------------------------------------------------------------------
def _only_administrators(request: HttpRequest) -> None:
    if not policies.manageable_units(request.user).exists():
        raise Http404


def _account(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(policies.manageable_users(request.user), pk=pk)


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    _only_administrators(request)
    form = forms.AccountFilterForm(request.user, request.GET)
    rows = queries.accounts(request.user, sort=request.GET.get("sort", ""), **form.wanted())
    page = Paginator(rows, ACCOUNTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "units/account_list.html", {"form": form, "page": page})


@sensitive_post_parameters()
def account_new(request: HttpRequest) -> HttpResponse:
    """The first password is shown once, in the answer to the form, and kept nowhere."""
    _only_administrators(request)
    form = forms.AccountForm(request.user, request.POST or None)
    if form.is_valid():
        try:
            user, password = services.open_account(
                **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error("username", str(error))
        else:
            return _password_page(request, user, password)
    return render(request, "units/account_new.html", {"form": form})


def _password_page(request: HttpRequest, user: Any, password: str) -> HttpResponse:
    return render(
        request, "units/account_password.html", {"account": user, "temporary_password": password}
    )


def account_detail(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    now = {"full_name": account.full_name, "email": account.email}
    form = forms.PersonalForm(request.POST or None, initial=now)
    if form.is_valid():
        services.update_user(account, **form.cleaned_data, actor=request.user, now=timezone.now())
        messages.success(request, "Đã lưu thông tin tài khoản.")
        return redirect("units:account_detail", pk=pk)
    return _account_page(request, account, form=form)


def _account_page(request: HttpRequest, account: Any, **given: Form) -> HttpResponse:
    shown = {
        "account": account,
        "roles": account.roles.select_related("unit"),
        "history": queries.history(account),
        "form": forms.PersonalForm(
            initial={"full_name": account.full_name, "email": account.email}
        ),
        "role_form": forms.RoleForm(request.user),
    }
    return render(request, "units/account_detail.html", shown | given)


@require_POST
def role_give(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    form = forms.RoleForm(request.user, request.POST)
    if form.is_valid():
        try:
            services.give_role(
                user=account, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã giao vai trò.")
            return redirect("units:account_detail", pk=pk)
    return _account_page(request, account, role_form=form)


@require_POST
def role_take(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(queries.takeable_roles(request.user), pk=pk)
    try:
        services.withdraw_role(assignment, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã thu vai trò.")
    return redirect("units:account_detail", pk=assignment.user_id)


@require_POST
def account_close(request: HttpRequest, pk: int) -> HttpResponse:
    services.deactivate_user(_account(request, pk), actor=request.user, now=timezone.now())
    messages.success(request, "Đã đóng tài khoản; các phiên đang mở đã kết thúc.")
    return redirect("units:account_detail", pk=pk)


@require_POST
def account_open(request: HttpRequest, pk: int) -> HttpResponse:
    services.reactivate_user(_account(request, pk), actor=request.user, now=timezone.now())
    messages.success(request, "Đã mở lại tài khoản.")
    return redirect("units:account_detail", pk=pk)


@require_POST
def account_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    services.unlock_user(_account(request, pk), actor=request.user, now=timezone.now())
    messages.success(request, "Đã mở khóa đăng nhập.")
    return redirect("units:account_detail", pk=pk)


@require_POST
def account_mail(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    try:
        services.mail_reset_link(
            account, origin=_origin(request), actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã gửi thư đặt lại mật khẩu tới {account.email}.")
    return redirect("units:account_detail", pk=pk)


@require_POST
@sensitive_post_parameters()
def account_password(request: HttpRequest, pk: int) -> HttpResponse:
    """For who has no mail: a new temporary password, shown once."""
    account = _account(request, pk)
    password = services.issue_password(account, actor=request.user, now=timezone.now())
    return _password_page(request, account, password)


# --- units ---------------------------------------------------------------------------------------
@require_safe
def unit_detail(request: HttpRequest, ref: str) -> HttpResponse:
    viewable = policies.viewable_units(request.user).select_related("kind__level", "parent")
    unit = get_object_or_404(viewable, ref=ref)
    card = queries.unit_card(unit, request.user, timezone.localdate())
    return render(request, "units/unit_detail.html", {"card": card, "unit": unit})


# --- blocs and clusters --------------------------------------------------------------------------
YEARS = range(2000, 2100)


@require_safe
def bloc_list(request: HttpRequest) -> HttpResponse:
    rows = policies.viewable_blocs(request.user).select_related("organiser")
    cards = queries.bloc_cards(rows, timezone.localdate())
    return render(request, "units/bloc_list.html", {"cards": cards})


@require_safe
def bloc_detail(request: HttpRequest, ref: str, year: int | None = None) -> HttpResponse:
    """The members of one year, by default the latest; a year without a list says so."""
    if year is not None and year not in YEARS:
        raise Http404
    rows = policies.viewable_blocs(request.user).select_related("organiser")
    bloc, today = get_object_or_404(rows, ref=ref), timezone.localdate()
    [card] = queries.bloc_cards([bloc], today, year)
    keeps = policies.keepable_blocs(request.user).filter(pk=bloc.pk).exists()
    seen = policies.viewable_units(request.user).filter(bloc_memberships__bloc=bloc)
    context = {
        "bloc": bloc,
        "card": card,
        "seen": set(seen.values_list("pk", flat=True)),
        "settable": [today.year, today.year + 1] if keeps else [],
        "history": queries.history(bloc),
    }
    return render(request, "units/bloc_detail.html", context)


def bloc_year(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    """The list of a year, for who keeps it; `q` brings in units from elsewhere."""
    if year not in YEARS:
        raise Http404
    rows = policies.keepable_blocs(request.user).select_related("organiser")
    bloc = get_object_or_404(rows, ref=ref)
    text = (request.POST or request.GET).get("q", "").replace("\0", "")[:150]
    found = queries.bloc_candidates(bloc, year, request.user, text)
    form = forms.BlocYearForm(request.POST or None, candidates=found)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("decision", "decided_on")}
        try:
            services.set_bloc_year(
                bloc,
                year,
                members=form.members(),
                **given,
                actor=request.user,
                now=timezone.now(),
                seen=request.POST.get("seen", ""),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi danh sách năm {year}.")
            return redirect("units:bloc_detail", ref=ref, year=year)
    stamp = queries.bloc_stamp(bloc, year)
    context = {"bloc": bloc, "year": year, "form": form, "text": text, "stamp": stamp}
    return render(request, "units/bloc_year.html", context, status=422 if form.errors else 200)
