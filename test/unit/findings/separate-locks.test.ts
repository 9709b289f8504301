import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/findings/diagnose.ts";
import { relate } from "../../../src/model/relate.ts";
import type { Finding } from "../../../src/model/report.ts";
import type { OtherView } from "../../../src/model/snapshot.ts";
import { handleSeen, kernelLock, type Look, look, processSeen, targetFile } from "../../support/snapshot.ts";

const ID = "separate-locks";

function findingOf(change: Look, fuseServers: readonly number[] = []): Finding | undefined {
  const [seen, snapshot] = look(change);
  const database = relate(seen, snapshot, 10_000);
  const subject = { database, seen: { ...seen, fuseServers: new Set(fuseServers) }, snapshot, staleAfterMs: 10_000 };
  return diagnose(subject).find(({ id }) => id === ID);
}

const view = (kind: OtherView["kind"]): OtherView => ({
  kind,
  path: "/app/db",
  reachedAt: "/proc/77/root/app/db",
  mountPoint: "/",
  pid: 77,
  files: [targetFile("database", { path: "/app/db", inode: 9n })],
});

describe("a layer of an overlay", () => {
  const merged = view("merged");
  const there = handleSeen({ path: "/app/db", view: merged });

  test("somebody has it open where the overlay shows it", () => {
    const finding = findingOf({ target: { views: [merged] }, handles: { 4242: [there] } });
    expect(finding).toMatchObject({ severity: "warning", pids: [4242] });
    expect(finding?.detail).toContain("Open there: 4242 (python app.py). Open here: no process that can be seen.");
    expect(finding?.remedy).toContain("  sqlock who-holds /proc/77/root/app/db");
  });

  test("nobody has: it is said all the same", () => {
    expect(findingOf({ target: { views: [merged] } })).toMatchObject({ severity: "warning", pids: [] });
  });

  test("both ways at once: an error", () => {
    const both = { 4242: [there], 4243: [handleSeen()] };
    expect(findingOf({ target: { views: [merged] }, handles: both })).toMatchObject({
      severity: "error",
      pids: [4242],
      summary: expect.stringContaining("It is open in both places now"),
    });
  });

  test("an overlay that cannot be reached", () => {
    expect(findingOf({ target: { unreachedViews: ["/merged"] } })).toMatchObject({
      severity: "warning",
      detail: expect.stringContaining("Which processes have it open at /merged cannot be seen from here"),
    });
  });

  test("the overlay shows another file in its place", () => {
    expect(findingOf({ target: { views: [{ ...view("superseded"), files: [] }] } })).toMatchObject({
      severity: "warning",
      summary: expect.stringContaining("which shows another file in its place"),
    });
  });
});

describe("what an overlay shows", () => {
  const layer = view("layer");

  test("silent as long as nobody has the layer's file open", () => {
    expect(findingOf({ target: { views: [layer] }, handles: { 4242: [handleSeen()] } })).toBeUndefined();
  });

  test("somebody has: a warning, and an error beside others", () => {
    const there = { 4243: [handleSeen({ view: layer })] };
    expect(findingOf({ target: { views: [layer] }, handles: there })).toMatchObject({ severity: "warning" });
    expect(findingOf({ target: { views: [layer] }, handles: { ...there, 4242: [handleSeen()] } })).toMatchObject({
      severity: "error",
      pids: [4243],
    });
  });
});

describe("a program that serves files to others", () => {
  const named = (name: string, program = `/usr/libexec/${name}`): Look => ({
    handles: { 4242: [handleSeen()] },
    processes: [processSeen({ name, commandLine: [program, "--shared-dir", "/srv"] })],
  });

  test.each(["virtiofsd", "qemu-system-x86_64", "smbd", "diod", "ganesha.nfsd"])("%s", (name) => {
    expect(findingOf(named(name.slice(0, 15), `/usr/bin/${name}`))).toMatchObject({
      severity: "warning",
      pids: [4242],
    });
  });

  test("it has /dev/fuse open", () => {
    expect(findingOf(named("bindfs"), [4242])?.summary).toContain("a FUSE file system");
  });

  test("silent: other programs, and a server that passes locks on", () => {
    expect(findingOf(named("python"))).toBeUndefined();
    const locked = { 4242: [handleSeen({ locks: [kernelLock()] })] };
    expect(findingOf({ ...named("virtiofsd"), handles: locked })).toBeUndefined();
    expect(findingOf({ ...named("bindfs"), handles: locked }, [4242])).toBeUndefined();
  });
});
