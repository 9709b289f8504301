"""What every program here does: DATABASE MODE ACTION, `ready VERSION`, and the end of stdin."""
import sys

DATABASE, MODE, ACTION = sys.argv[1:]

INSERT = "insert into t values (1)"
SELECT = "select count(*) from t"
SET_MODE = f"pragma journal_mode = {MODE}"
VERSION = "select sqlite_version()"


def check_mode(mode):
    if mode != MODE:
        sys.exit(f"the journal mode is {mode}, not {MODE}")


def hold(version):
    print("ready", version, flush=True)
    sys.stdin.read()
