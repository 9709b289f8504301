/** A line of code, as people read it: `shop/views.py:42 in create_order`. Pure. */
import { isAbsolute, relative } from "node:path";
import type { Numbered } from "../../features/record/known-processes.ts";
import type { CallSite, ProgramTransaction } from "../../recording/lines.ts";
import { isRequest } from "../../recording/program/request.ts";
import { escapeText } from "../../text/escape.ts";
import { cut } from "../layout.ts";
import { type Names, time, whoText } from "./words.ts";

type Pause = NonNullable<ProgramTransaction["pause"]>;

/** Packages are shown from their name on. */
const PACKAGES = /^.*\/(?:site-packages|dist-packages|node_modules)\//;
/** Of a file outside of the folder. */
const MOST_PARTS = 3;

const MOST_FILE = 60;
const MOST_NAME = 40;

/** The second half of a character, at the beginning. */
const HALF = /^[\udc00-\udfff]/;

/** What stands for no function at all. */
const NO_FUNCTION: ReadonlySet<string> = new Set(["<module>", "<anonymous>", ""]);

/** `views.py:42 in create_order (task Task-3)`. `folder`: files in it are shown from there on; null: not known. */
export function siteText(site: CallSite, folder: string | null): string {
  const { function: name, thread = null, task = null, sure } = site;
  const within = name === null || NO_FUNCTION.has(name) ? "" : ` in ${shortName(name)}`;
  const notes = [
    ...(task !== null
      ? [isRequest(task) ? shortName(task) : `task ${shortName(task)}`]
      : thread !== null
        ? [`thread ${shortName(thread)}`]
        : []),
    ...(sure === "likely" ? ["likely"] : []),
  ];
  return `${lineText(site, folder)}${within}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
}

/** ` at views.py:42 in create_order`, ` most often at ...`; empty where it is not known. */
export function atText(site: CallSite | null | undefined, folder: string | null): string {
  return site == null ? "" : `${site.most === true ? " most often" : ""} at ${siteText(site, folder)}`;
}

/** `4242 (python import.py) at import.py:17 in run` */
export function whoAtText(who: Numbered & { readonly callSite: CallSite | null }, names: Names): string {
  return `${whoText(who, names)}${atText(who.callSite, names.folder)}`;
}

/** `nothing for 2.1 s after views.py:42 in save (before views.py:45)`: of the longest pause of a transaction. */
export function pauseText({ ms, after, before }: Pause, folder: string | null): string {
  const start = after === null ? "" : ` after ${siteText(after, folder)}`;
  if (before === null) return `nothing for ${time(ms)}${start}`;
  const end = `before ${after?.file === before.file ? lineOnly(before) : lineText(before, folder)}`;
  return `nothing for ${time(ms)}${start}${after === null ? ` ${end}` : ` (${end})`}`;
}

function lineOnly({ line }: CallSite): string {
  return `line ${line}`;
}

/** `views.py:42` */
export function lineText({ file, line }: Pick<CallSite, "file" | "line">, folder: string | null): string {
  return `${fileText(file, folder)}:${line}`;
}

/** `the main thread`, `thread worker-1` */
export function threadText({ thread }: CallSite): string {
  return thread == null ? "the main thread" : `thread ${shortName(thread)}`;
}

function fileText(file: string, folder: string | null): string {
  const text = escapeText(shortFile(file, folder));
  // its end says which one it is
  return text.length <= MOST_FILE ? text : `...${text.slice(3 - MOST_FILE).replace(HALF, "")}`;
}

function shortFile(file: string, folder: string | null): string {
  const ofPackage = file.replace(PACKAGES, "");
  if (ofPackage !== file || !isAbsolute(file)) return ofPackage;
  const path = folder === null ? file : relative(folder, file);
  if (folder !== null && path !== "" && !path.startsWith("../") && path !== "..") return path;
  const parts = file.split("/").filter((part) => part !== "");
  return parts.length <= MOST_PARTS ? file : `.../${parts.slice(-MOST_PARTS).join("/")}`;
}

function shortName(name: string): string {
  return cut(escapeText(name), MOST_NAME, "...");
}
