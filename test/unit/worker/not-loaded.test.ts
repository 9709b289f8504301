import { expect, test } from "vitest";
import { notLoaded } from "../../../src/worker/not-loaded.ts";

const OTHER_NODE = `node:internal/modules/cjs/loader:1921
  return process.dlopen(module, path.toNamespacedPath(filename));
                 ^

Error: The module '/usr/lib/node_modules/sqlock/node_modules/better-sqlite3/build/Release/better_sqlite3.node'
was compiled against a different Node.js version using
NODE_MODULE_VERSION 115. This version of Node.js requires
NODE_MODULE_VERSION 127. Please try re-compiling or re-installing
the module (for instance, using \`npm rebuild\` or \`npm install\`).
    at Module._extensions..node (node:internal/modules/cjs/loader:1921:18) {
  code: 'ERR_DLOPEN_FAILED'
}
`;

const GLIBC = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found";

const OTHER_LIBC = `Error: ${GLIBC} (required by /srv/better_sqlite3.node)
    at Module._extensions..node (node:internal/modules/cjs/loader:1460:18) {
  code: 'ERR_DLOPEN_FAILED'
}
`;

test.each([
  [OTHER_NODE, "SQLite cannot be loaded: better-sqlite3 was built for another Node.js than this one (v22.0.0)"],
  [OTHER_LIBC, `SQLite cannot be loaded: ${GLIBC} (required by /srv/better_sqlite3.node)`],
  [
    "Error: Could not locate the bindings file. Tried:\n → /srv/x.node\n",
    "SQLite cannot be loaded: better-sqlite3 was not built when sqlock was installed",
  ],
])("%#", (stderr, message) => {
  expect(notLoaded(stderr, "v22.0.0")).toMatchObject({
    name: "UserError",
    exitCode: 2,
    message,
    hint: expect.stringContaining("install sqlock again"),
  });
});

test("anything else is not for the person to mend", () => {
  expect(notLoaded("TypeError: x is not a function\n    at better_sqlite3.node:1", "v22.0.0")).toBeNull();
});
