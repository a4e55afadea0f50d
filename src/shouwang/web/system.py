"""运行: how the installation runs, for the system administrator, who sees no household."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.jobs.running import look
from shouwang.notifications.models import Sending
from shouwang.web.doors import door

QUEUE = {"READY": _("等待"), "RUNNING": _("正在执行"), "FAILED": _("失败"), "SUCCESSFUL": _("完成")}
UPLOADS = {"waiting": _("等待读入"), "reading": _("正在读入"), "refused": _("未读入"), "done": _("已读入")}


@door(Permission.RUN_SYSTEM)
def system(request: HttpRequest) -> HttpResponse:
    """Processes, queue, disk, versions, and what the doctor finds; reading it changes nothing."""
    running = look(settings.HOME)
    return render(
        request,
        "desk/system.html",
        {
            "running": running,
            "queue": [(title, running.queue.get(name, 0)) for name, title in QUEUE.items()],
            "outgoing": [(state.label, running.outgoing.counts.get(state, 0)) for state in Sending.State],
            "uploads": [(title, running.uploads.get(name, 0)) for name, title in UPLOADS.items()],
        },
    )
