"""xlwings-server's project folder: its documented way to take functions, templates and static files from outside."""
