/** `record` as root, with a command of another user: what that gets of root's, and what it can do to the recorder. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MALLORY, needRoot } from "../support/attacker.ts";
import { pythonOf } from "../support/hold.ts";
import { has, need } from "../support/skip.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, type RunOptions, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { Terminal } from "../support/tmux.ts";

const AS_MALLORY = ["record", "--user", String(MALLORY)];

/** With the kernel's source where that is possible: it has the most descriptors. */
async function outputOf(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await sqlock([...AS_MALLORY, newDatabase("wal"), "--", ...command], options);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

test("no variable of root's", async (context) => {
  needRoot(context);
  const env = {
    SECRET: "hunter2",
    NODE_OPTIONS: "--no-warnings",
    PYTHONPATH: "/root/lib",
    LD_LIBRARY_PATH: "/root/lib",
    SSH_AUTH_SOCK: "/tmp/agent",
    XDG_RUNTIME_DIR: "/run/user/0",
    SQLOCK_SQL: "select",
    LC_TIME: "C",
  };
  const lines = (await outputOf(["env"], { env })).trimEnd().split("\n").sort();
  expect(lines).toEqual([
    "HOME=/",
    "LANG=C.UTF-8",
    "LC_TIME=C",
    `LOGNAME=${MALLORY}`,
    expect.stringMatching(/^NODE_OPTIONS=--require \S+\/in-program\/node\.cjs$/),
    "NO_COLOR=1",
    "PATH=/usr/local/bin:/usr/bin:/bin",
    expect.stringMatching(/^PYTHONPATH=\S+\/in-program\/python$/),
    "SHELL=/bin/sh",
    expect.stringMatching(/^SQLOCK_TRACE=\S+\/sqlock-\w+$/),
    "TERM=xterm",
    "TZ=UTC",
    `USER=${MALLORY}`,
  ]);
});

test("no descriptor of root's, also of those that sqlock itself was given", async (context) => {
  needRoot(context);
  const secret = join(tempFolder(), "secret");
  writeFileSync(secret, "hunter2", { mode: 0o600 });
  const through = ["bash", "-c", `exec 5< ${secret} 40< ${secret} 200< ${secret}; exec "$@"`, "bash"];
  expect(await outputOf(["ls", "/proc/self/fd"], { through })).toBe("0\n1\n2\n3\n"); // the last is that of ls
});

test("no capability of root's, also where root passes some on", async (context) => {
  needRoot(context);
  const through = ["setpriv", "--inh-caps=+chown", "--ambient-caps=+chown"];
  const status = await outputOf(["cat", "/proc/self/status"], { through });
  for (const set of ["Inh", "Prm", "Eff", "Amb"]) expect(status).toMatch(new RegExp(`^Cap${set}:\t0+$`, "m"));
  expect(status).toMatch(/^NoNewPrivs:\t0$/m); // it may use sudo itself
  expect(status).toMatch(new RegExp(`^Uid:(\t${MALLORY}){4}$`, "m"));
});

test("it can neither signal nor read the recorder", async (context) => {
  needRoot(context);
  const script = `
for signal in TERM KILL STOP USR1; do kill -$signal $PPID 2> /dev/null && echo "sent $signal"; done
for name in environ maps mem fd/1; do ( : < /proc/$PPID/$name ) 2> /dev/null && echo "read $name"; done
cat /proc/$PPID/comm`;
  const name = readFileSync("/proc/self/comm", "utf8");
  expect(await outputOf(["bash", "-c", script])).toBe(name);
});

/** Types a space, as if the key was pressed. */
const TYPES = `
import fcntl, termios
try: fcntl.ioctl(0, termios.TIOCSTI, b" "); print("it typed")
except OSError: print("could not")
`;

test("it is said where it could type at root's terminal, and with setsid it cannot", async (context) => {
  needRoot(context);
  need(context, has("tmux"), "tmux");
  const script = join(tempFolder(), "types.py");
  writeFileSync(script, TYPES);
  const terminal = new Terminal(160, 40);
  const run = async (before: string, command: string) => {
    const line = `${NODE} ${BIN} record --source sampled ${before} ${newDatabase("wal")} -- ${command}`;
    await terminal.enter(`clear; env ${line}; echo "code $?."`);
    const screen = await terminal.shows("code 0.");
    return { couldType: screen.includes("it typed"), isTold: screen.includes("where it could type (TIOCSTI)") };
  };
  const python = `${pythonOf(MALLORY)} ${script}`;
  const plain = await run(`--user ${MALLORY}`, python);
  expect(plain.isTold).toBe(plain.couldType);
  expect(await run(`--user ${MALLORY}`, `setsid -w ${python}`)).toMatchObject({ couldType: false });
});

test("nothing is said of the terminal of the one who called sudo", async (context) => {
  needRoot(context);
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(160, 40);
  const line = `SUDO_UID=${MALLORY} ${NODE} ${BIN} record --source sampled ${newDatabase("wal")} -- id -u`;
  await terminal.enter(`clear; ${line}; echo "code $?."`);
  const screen = await terminal.shows("code 0.");
  expect(screen).toMatch(new RegExp(`^${MALLORY}$`, "m"));
  expect(screen).not.toContain("TIOCSTI");
});
