"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from directory.database import row_security, startup_check

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanency.settings")

application = get_wsgi_application()
# Also where `manage.py runserver`, a command, serves it.
row_security.run_process_as_web()
startup_check.check_first_connection()
