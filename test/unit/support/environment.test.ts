import { expect, test } from "vitest";
import { cleanVariables } from "../../support/environment.ts";

test.each([
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "PYTHONSTARTUP",
  "PYTHONPATH",
  "BASH_ENV",
  "LC_ALL",
  "FORCE_COLOR",
  "NO_COLOR",
  "COLUMNS",
  "TMPDIR",
  "SQLITE_TMPDIR",
])("%s is dropped", (name) => {
  expect(cleanVariables({ [name]: "x" })).not.toHaveProperty(name);
});

test.each(["PATH", "HOME", "NODE_ENV", "npm_config_registry", "https_proxy", "SQLOCK_TEST_BIN"])("%s stays", (name) => {
  expect(cleanVariables({ [name]: "x" })).toHaveProperty(name, "x");
});

test("the language, the time zone and the terminal are the same everywhere", () => {
  expect(cleanVariables({ LANG: "tr_TR.UTF-8", TZ: "Asia/Kathmandu", TERM: "dumb" })).toMatchObject({
    LANG: "C.UTF-8",
    TZ: "UTC",
    TERM: "xterm",
  });
});
