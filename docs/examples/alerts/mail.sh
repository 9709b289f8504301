#!/bin/sh
# Sends a mail. Every line begins with text of this script: some mail programs run lines that begin with "~".
# A path may contain line breaks; the other variables do not.
database=$(printf '%s' "$SQLOCK_DATABASE" | tr '[:cntrl:]' '[?*]')
printf '%s\n' \
  "$SQLOCK_MESSAGE" \
  "Database: $database" \
  "Process:  $SQLOCK_PID" \
  "Command:  $SQLOCK_COMMAND" \
  "User:     $SQLOCK_USER" |
  timeout 60 mail -s "sqlock: database is locked" "${ALERT_TO:-root}"
