"""The site for a WSGI server; `shouwang serve` runs it under waitress. What `serve` would refuse is refused here too."""

import os

from django.core.wsgi import get_wsgi_application

from shouwang.jobs.serving import refuse_careless_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.settings")
application = get_wsgi_application()
refuse_careless_settings()
