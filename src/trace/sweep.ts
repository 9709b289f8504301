/** What recorders left that have ended without their guard: the machine stopped, or the guard was killed too. */
import { readFileSync, rmdirSync } from "node:fs";
import { readNames, valueOr } from "../proc/read.ts";
import { codeOf } from "./errors.ts";
import { ownFolders, unmount } from "./mount.ts";
import { hasEnded, ownerOf } from "./name.ts";
import { eventsInGroups } from "./probe-definition.ts";
import { appendProbe, writeSetting } from "./tracefs.ts";

/** Of sqlock, and its process has ended. */
function isLeft(name: string): boolean {
  const owner = ownerOf(name);
  return owner !== null && hasEnded(owner);
}

/** Removes them. Nothing of a living recorder, and nothing of others. */
export function sweep(tracefs: string): void {
  const left = valueOr(readNames(`${tracefs}/instances`), []).filter(isLeft);
  for (const name of left) removeInstance(tracefs, name);
  removeProbes(tracefs, isLeft);
  for (const { name, directory } of ownFolders()) if (isLeft(name)) unmount(directory);
}

/** Turns its events off and removes it. False: it is still there, as a reader of it is open. */
export function removeInstance(tracefs: string, name: string): boolean {
  const directory = `${tracefs}/instances/${name}`;
  try {
    writeSetting(`${directory}/events/enable`, "0");
    rmdirSync(directory);
    return true;
  } catch (error) {
    return codeOf(error) === "ENOENT";
  }
}

/** Removes the probes of these groups one by one; returns those that are still there. */
export function removeProbes(tracefs: string, ofGroup: (group: string) => boolean): string[] {
  let text: string;
  try {
    text = readFileSync(`${tracefs}/uprobe_events`, "utf8");
  } catch (error) {
    codeOf(error);
    return []; // no uprobes in this kernel
  }
  return eventsInGroups(text, ofGroup).filter((event) => {
    try {
      appendProbe(tracefs, `-:${event}`);
      return false;
    } catch (error) {
      return codeOf(error) !== "ENOENT";
    }
  });
}
