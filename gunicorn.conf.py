"""How gunicorn writes its log, wherever it is started: gunicorn reads this file by itself.

The access log tells the address as the site writes it, without query, browser and referrer. The
last word is the reference number that the error page shows.
"""

access_log_format = (
    "%(h)s %(m)s %({permanency.place}e)s %(s)s %(b)s bytes %(M)s ms [%({permanency.reference}e)s]"
)
