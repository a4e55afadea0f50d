"""消息推送: where one's messages, or those of an office, are told outside the desk."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from shouwang.kernel.errors import InputError
from shouwang.notifications.channels import TITLES, add_channel, areas_of, channels_of, end_channel, try_channel
from shouwang.notifications.models import Channel
from shouwang.web.doors import SIGNED_IN, door
from shouwang.web.handling import in_words


@door(SIGNED_IN, post=SIGNED_IN)
def channels(request: HttpRequest) -> HttpResponse:
    """One's own, and for a system administrator those of offices; added, tried and ended here."""
    if request.method == "POST":
        return _changed(request)
    found = [(each, TITLES.get(each.kind, each.kind)) for each in channels_of(request.user)]
    return render(request, "desk/channels.html", {"channels": found, "areas": areas_of(request.user)})


def _changed(request: HttpRequest) -> HttpResponse:
    ended, tried = request.POST.get("end", ""), request.POST.get("try", "")
    try:
        if ended:
            end_channel(_number(ended), acting_user=request.user)
            said = gettext("已停用。")
        elif tried:
            try_channel(_number(tried), acting_user=request.user)
            said = gettext("已发送测试消息，一两分钟内应能收到。")
        else:
            fields = {name: request.POST.get(name, "") for name in ("title", "address", "area")}
            add_channel(acting_user=request.user, **fields)
            said = gettext("已设置。可以发送一条测试消息看看。")
    except Channel.DoesNotExist:
        raise Http404 from None
    except InputError as refused:
        messages.error(request, in_words(refused), "bad")
    else:
        messages.success(request, said, "good")
    return HttpResponseRedirect(reverse("channels"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
