#!/bin/sh
# Prints the alert and the Python stacks of the process that holds the lock, or appends them to the file ALERT_LOG.
[ -z "$ALERT_LOG" ] || exec >> "$ALERT_LOG"
printf '%s %s\n' "$SQLOCK_AT" "$SQLOCK_MESSAGE"
if [ -n "$SQLOCK_PID" ]; then
  # cat -v: the process chooses the names in its stacks, and a terminal may obey them.
  timeout 30 py-spy dump --pid "$SQLOCK_PID" 2>&1 | cat -v
fi
