#!/bin/sh
# Appends the alert and the Python stacks of the process that holds the lock to a file.
{
  printf '%s %s\n' "$SQLOCK_AT" "$SQLOCK_MESSAGE"
  if [ -n "$SQLOCK_PID" ]; then
    timeout 30 py-spy dump --pid "$SQLOCK_PID"
  fi
} >> "${ALERT_LOG:-alerts.log}" 2>&1
