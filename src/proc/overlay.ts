/** The layers of an overlay, by its options in /proc/PID/mountinfo. Pure. Source: ovl_show_options (fs/overlayfs). */
import { type Mount, unescapeOctal } from "./mountinfo.ts";

export interface OverlayLayers {
  /** Null: it cannot be written (all its layers are lower ones). */
  readonly upper: string | null;
  /** The topmost first. */
  readonly lower: readonly string[];
}

/**
 * The folders of its layers, the topmost first, as whoever mounted it named them: a relative one started at a folder
 * that nothing tells. Null for another type of file system.
 */
export function overlayLayersOf({ type, superOptions }: Pick<Mount, "type" | "superOptions">): OverlayLayers | null {
  if (type !== "overlay") return null;
  let upper: string | null = null;
  const lower: string[] = [];
  // a comma that belongs to a name is written in octal
  for (const option of superOptions.split(",")) {
    const at = option.indexOf("=");
    const value = unescapeOctal(option.slice(at + 1));
    switch (option.slice(0, at)) {
      case "upperdir":
        upper = withoutBackslashes(value);
        break;
      case "lowerdir":
        lower.push(...splitColons(value));
        break;
      case "lowerdir+": // since Linux 6.7, set one by one with fsconfig(2): nothing in it is escaped
        lower.push(value);
        break;
    }
  }
  return { upper, lower };
}

/** `one:two\:with a colon::data` (after two colons: layers of file contents alone). */
function splitColons(list: string): string[] {
  const names: string[] = [];
  let name = "";
  for (const [part = ""] of list.matchAll(/\\.|[^\\]|\\$/gsu)) {
    if (part === ":") {
      names.push(name);
      name = "";
    } else name += withoutBackslashes(part);
  }
  return [...names, name].filter((each) => each !== "");
}

function withoutBackslashes(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
