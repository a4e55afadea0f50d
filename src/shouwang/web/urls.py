"""The addresses of the desk. Household and clue numbers are whatever the register says, so they may hold a slash."""

from django.urls import path

from shouwang.web import clue, deliveries, design, entry, household, overview, policy, screening, upload, worklist

urlpatterns = [
    path("login/", entry.Login.as_view(), name="login"),
    path("logout/", entry.Logout.as_view(), name="logout"),
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
