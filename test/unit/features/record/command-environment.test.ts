import { expect, test } from "vitest";
import { commandEnvironment } from "../../../../src/features/record/command-environment.ts";

const WEB = { uid: 33, gid: 33, name: "web" };
const ACCOUNT = { home: "/srv/web", shell: "/bin/zsh" };
const LOGIN = {
  HOME: "/srv/web",
  SHELL: "/bin/zsh",
  USER: "web",
  LOGNAME: "web",
  PATH: "/usr/local/bin:/usr/bin:/bin",
};

test("nothing of root's, but what a terminal shows and how", () => {
  const ofTerminal = {
    TERM: "xterm",
    COLORTERM: "truecolor",
    LANG: "de_DE.UTF-8",
    LANGUAGE: "de:en",
    LC_ALL: "C",
    LC_TIME: "C",
    TZ: "Europe/Vienna",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
  };
  const ofRoot = {
    HOME: "/root",
    SHELL: "/bin/bash",
    USER: "root",
    LOGNAME: "root",
    MAIL: "/var/mail/root",
    PATH: "/root/bin:/usr/bin",
    NODE_OPTIONS: "--require /root/x.js",
    PYTHONPATH: "/root/lib",
    LD_PRELOAD: "/root/x.so",
    LD_LIBRARY_PATH: "/root/lib",
    SSH_AUTH_SOCK: "/tmp/ssh-root/agent.1",
    XDG_RUNTIME_DIR: "/run/user/0",
    DISPLAY: ":0",
    TMPDIR: "/root/tmp",
    LC_: "x",
    LC_x: "x",
    TERMINFO: "/root/terminfo",
    AWS_SECRET_ACCESS_KEY: "secret",
    "BASH_FUNC_ls%%": "() { :; }",
  };
  expect(commandEnvironment(WEB, ACCOUNT, { ...ofRoot, ...ofTerminal })).toEqual({ ...ofTerminal, ...LOGIN });
});

test.each([
  [{ SUDO_UID: "1000", SUDO_COMMAND: "sqlock" }],
  [{ SUDO_UID: "0" }],
  [{ DOAS_USER: "ann" }],
  [{ PKEXEC_UID: "1000" }],
])("the PATH that %j came with stays, and nothing else of it", (variables) => {
  expect(commandEnvironment(WEB, ACCOUNT, { ...variables, PATH: "/opt/bin:/bin" })).toEqual({
    ...LOGIN,
    PATH: "/opt/bin:/bin",
  });
});

test("a user without a name, and sudo without a PATH", () => {
  const user = { uid: 4711, gid: 65_534, name: null };
  expect(commandEnvironment(user, { home: "/", shell: "/bin/sh" }, { SUDO_UID: "1", PATH: "" })).toEqual({
    ...LOGIN,
    HOME: "/",
    SHELL: "/bin/sh",
    USER: "4711",
    LOGNAME: "4711",
  });
});
