"""The addresses of the desk. Household and clue numbers are whatever the register says, so they may hold a slash."""

from django.urls import path

from shouwang.web import (
    account,
    clue,
    deliveries,
    design,
    entry,
    household,
    overview,
    policy,
    screening,
    upload,
    users,
    users_sheet,
    worklist,
)

urlpatterns = [
    path("login/", entry.login, name="login"),
    path("login/code/", entry.login_code, name="login-code"),
    path("logout/", entry.logout, name="logout"),
    path("account/", account.account, name="account"),
    path("account/password/", account.change_password, name="password"),
    path("account/second-factor/", account.set_up_second_factor, name="second-factor"),
    path("account/second-factor/remove/", account.remove_second_factor, name="second-factor-remove"),
    path("account/recovery-codes/", account.renew_recovery_codes, name="recovery-codes"),
    path("account/sessions/end/", account.end_other_sessions, name="sessions-end"),
    path("users/", users.users, name="users"),
    path("users/new/", users.new_user, name="user-new"),
    path("users/sheet/", users_sheet.sheet, name="users-sheet"),
    path("users/sheet/template.xlsx", users_sheet.sheet_template, name="users-template"),
    path("users/<int:pk>/", users.user, name="user"),
    path("users/<int:pk>/password/", users.reset_password, name="user-password"),
    path("users/<int:pk>/second-factor/", users.reset_second_factor, name="user-second-factor"),
    path("users/<int:pk>/sessions/", users.end_sessions, name="user-sessions"),
    path("users/<int:pk>/posts/", users.give_post, name="post-give"),
    path("users/<int:pk>/posts/<int:post_pk>/end/", users.end_post, name="post-end"),
    path("users/<int:pk>/posts/<int:post_pk>/move/", users.move_post, name="post-move"),
    path("", overview.overview, name="overview"),
    path("areas/<str:code>/", overview.overview, name="overview-area"),
    path("clues/", worklist.worklist, name="worklist"),
    path("clues/<path:number>/", clue.clue, name="clue"),
    path("households/", household.households, name="households"),
    path("households/<path:household_no>/", household.household, name="household"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/review/", deliveries.review, name="review"),
    path("deliveries/<int:number>/", deliveries.delivery, name="delivery"),
    path("deliveries/<int:number>/quarantine.xlsx", deliveries.quarantine_download, name="quarantine-download"),
    path("uploads/new/", upload.upload, name="upload"),
    path("uploads/<int:pk>/", upload.upload_state, name="upload-state"),
    path("screenings/", screening.screenings, name="screenings"),
    path("screenings/<int:pk>/", screening.screening_state, name="screening-state"),
    path("policy/", policy.policy, name="policy"),
    path("policy/rules/<str:rule_id>/", policy.rule, name="rule"),
    path("policy/parameters/<str:parameter_id>/", policy.parameter, name="parameter"),
    path("components/", design.components, name="components"),
]

handler403 = "shouwang.web.failures.not_allowed"
handler404 = "shouwang.web.failures.not_found"
handler500 = "shouwang.web.failures.broken"
