#!/bin/sh
# Sends a mail. Every line begins with text of this script: some mail programs run lines that begin with "~".
printf '%s\n' \
  "$SQLOCK_MESSAGE" \
  "Database: $SQLOCK_DATABASE" \
  "Process:  $SQLOCK_PID" \
  "Command:  $SQLOCK_COMMAND" \
  "User:     $SQLOCK_USER" |
  timeout 60 mail -s "sqlock: database is locked" "${ALERT_TO:-root}"
