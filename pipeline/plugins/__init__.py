"""What others bring: functions from columns to measures and to findings, how each is called, and what of it is refused."""
