import type { Related } from "../model/relate.ts";
import type { Handle, Holder, View } from "../model/report.ts";
import { nameOf } from "../text/holder.ts";
import { list } from "../text/list.ts";
import { shellQuoted } from "../text/shell.ts";
import { type Diagnosis, defineFinding, isError, type Rule } from "./shared/record.ts";

/**
 * The same bytes are used in two ways, and the kernel keeps their locks apart: a layer of an overlay and its mount
 * point, or a folder and what a program serves of it (FUSE, a virtual machine, Samba).
 */
const rule: Rule = ({ database, seen }) => [
  ...overlayFindings(database),
  ...database.holders
    .filter(({ locks, handles }) => locks.length === 0 && handles.some(({ role }) => role === "database"))
    .flatMap((holder) => {
      const served = seen.fuseServers?.has(holder.pid) === true ? "a FUSE file system" : servedBy(holder);
      const others = database.holders.some(({ pid, locks }) => pid !== holder.pid && locks.length > 0);
      return served === null ? [] : [serverFinding(holder, served, others)];
    }),
];

function overlayFindings(database: Related): Diagnosis[] {
  const { views = [], holders } = database;
  const merged = views.filter(({ kind }) => kind === "merged");
  const there = holders.filter(({ handles }) => handles.some(isElsewhere));
  const here = holders.filter(({ handles }) => handles.some((handle) => !isElsewhere(handle)));
  if (merged.length > 0) return [layerFinding(database, merged, here, there)];
  const superseded = views.find(({ kind }) => kind === "superseded");
  if (superseded !== undefined) return [supersededFinding(database, superseded)];
  const layer = views.find(({ kind }) => kind === "layer");
  return layer === undefined || there.length === 0 ? [] : [mergedFinding(database, layer, here, there)];
}

function isElsewhere({ view }: Handle): boolean {
  return view !== undefined;
}

/** It was asked for by its path in the layer. */
function layerFinding(
  { path }: Related,
  views: readonly View[],
  here: readonly Holder[],
  there: readonly Holder[],
): Diagnosis {
  const reached = views.find(({ reachedAt }) => reachedAt !== null);
  const unreached = views.filter(({ reachedAt }) => reachedAt === null).map(({ mountPoint }) => mountPoint);
  const both = here.length > 0 && there.length > 0;
  return {
    severity: both ? "error" : "warning",
    pids: there.map(({ pid }) => pid),
    summary:
      `${path} is in a layer of the overlay at ${list(views.map(({ mountPoint }) => mountPoint))}: locks taken there ` +
      "do not keep out programs that open it here, and vice versa" +
      `${both ? ". It is open in both places now, and the database can be corrupted" : ""}.`,
    detail: [
      ...views.flatMap(({ path: shown, mountPoint }) =>
        shown === null ? [] : [`The overlay at ${mountPoint} shows it as ${shown}.`],
      ),
      ...(unreached.length === 0
        ? [`Open there: ${namesOf(there)}.`]
        : [
            `Which processes have it open at ${list(unreached)} cannot be seen from here` +
              `${there.length > 0 ? `; elsewhere: ${namesOf(there)}` : ""}.`,
          ]),
      `Open here: ${namesOf(here)}.`,
    ].join(" "),
    remedy:
      "Do not write to it by this path while the overlay is mounted, not even to change the journal mode. " +
      (reached?.reachedAt === undefined || reached.reachedAt === null
        ? "Run sqlock where the overlay is mounted: in the container, or as root on the host."
        : `To inspect it by the path that is in use:\n  sqlock who-holds ${shellQuoted(reached.reachedAt)}`),
  };
}

/** It was asked for by its path below the mount point, and a process has the layer's file open. */
function mergedFinding({ path }: Related, layer: View, here: readonly Holder[], there: readonly Holder[]): Diagnosis {
  const both = here.length > 0;
  return {
    severity: both ? "error" : "warning",
    pids: there.map(({ pid }) => pid),
    summary:
      `${namesOf(there)} ${there.length === 1 ? "has" : "have"} the database open in the overlay's layer ` +
      `(${layer.path}): locks taken there do not keep out programs that open it here` +
      `${both ? ", and the database can be corrupted" : ""}.`,
    detail: `Open here: ${namesOf(here)}. The overlay at ${layer.mountPoint} takes the bytes from that file.`,
    remedy: `Let ${there.length === 1 ? "that program" : "those programs"} finish there, and use ${path} instead.`,
  };
}

/** Another file hides it. */
function supersededFinding({ path }: Related, { mountPoint, path: shown }: View): Diagnosis {
  return {
    pids: [],
    summary:
      `${path} is in a layer of the overlay at ${mountPoint}, which shows another file in its place: what is ` +
      "committed there is not in this file.",
    detail:
      "A file of a lower layer is copied to the upper layer when a process opens it there for writing. From then on, " +
      "this file is an older generation.",
    remedy: `Inspect the file that the processes of that mount use${shown === null ? "" : `: ${shown}`}.`,
  };
}

function namesOf(holders: readonly Holder[]): string {
  return holders.length === 0 ? "no process that can be seen" : list(holders.map(nameOf));
}

/** `both`: other processes use it here at the same time. */
function serverFinding(holder: Holder, served: string, both: boolean): Diagnosis {
  return {
    severity: both ? "error" : "warning",
    pids: [holder.pid],
    summary:
      `${nameOf(holder)} has the database open for other programs, to which it serves ${served}: which programs they ` +
      "are, and what they lock, cannot be seen here" +
      `${both ? ". The database is in use here as well, and can be corrupted" : ""}.`,
    detail:
      "It has none of SQLite's locks. The programs that it serves keep each other out, but not programs that open " +
      "the database here, and vice versa.",
    remedy:
      "Run sqlock where these programs run, with the path that the database has there. Change nothing here before " +
      "they have closed it.",
  };
}

/** Programs that open files for others, by the name of the program: what they serve. */
const SERVERS: readonly (readonly [RegExp, string])[] = [
  [/^(virtiofsd|vhost-device-fs)$/, "a folder to a virtual machine (virtiofs)"],
  [
    /^(qemu-system-\w+|qemu-kvm|kvm|cloud-hypervisor|crosvm|vmware-vmx|VBoxHeadless|VirtualBoxVM|prl_vm_app)$/,
    "folders to a virtual machine",
  ],
  [/^(diod|u9fs|runsc-gofer|lxd-9p)$/, "files over 9p"],
  [/^(ganesha\.nfsd|unfsd|nfs-ganesha)$/, "files over NFS"],
  [/^(smbd|ksmbd\.mountd)(-|$)/, "files over SMB"],
  [/^(sftp-server|proftpd|vsftpd)$/, "files over the network"],
];

function servedBy({ name, commandLine }: Holder): string | null {
  const program = (commandLine[0] ?? name).replace(/^.*\//s, "");
  return SERVERS.find(([pattern]) => pattern.test(program) || pattern.test(name))?.[1] ?? null;
}

/** A server that only knows where the file is (O_PATH), or reads it, writes nothing over others. */
function mayWrite({ handles }: Holder): boolean {
  return handles.some(({ role, access }) => role === "database" && access !== "read" && access !== "path");
}

export const separateLocks = defineFinding({
  id: "separate-locks",
  severity: "warning",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  unsafeToOpen: (finding, holders) => isError(finding) || holders.some(mayWrite),
  blocksSwitch: { forcible: false, why: "locks taken there keep no program out here" },
  rule,
});
