/** The name of this machine's time zone, also where Intl does not tell it: for TZ=:/etc/localtime, or a path. */
import { realpathSync } from "node:fs";
import { isZone, offsetText, Zone } from "../../recording/history/zone.ts";

const LOCALTIME = "/etc/localtime";

export interface LocalTimeSettings {
  /** The variable TZ. */
  readonly tz: string | undefined;
  /** What Intl says; undefined, or `Etc/Unknown`, where it does not know. */
  readonly named: string | undefined;
  /** What the clocks of this process are ahead of UTC at that moment, ms. */
  readonly offsetMs: number;
  readonly utcMs: number;
}

/** IANA name; an offset as `+02:00` where none is known, and UTC where that is zero. */
export function localZone({ tz, named, offsetMs, utcMs }: LocalTimeSettings): string {
  for (const name of [named, zoneOfPath(tz)]) {
    if (name !== undefined && isZone(name) && new Zone(name).offsetMs(utcMs) === offsetMs) return name;
  }
  return offsetMs === 0 ? "UTC" : offsetText(offsetMs);
}

/** `Europe/Berlin` of `:/etc/localtime`. Source: tzset(3) */
function zoneOfPath(tz: string | undefined): string | undefined {
  const path = (tz ?? "").replace(/^:/, "") || LOCALTIME;
  if (!path.startsWith("/")) return path;
  return zoneinfoName(path) ?? zoneinfoName(realPath(path));
}

function zoneinfoName(path: string): string | undefined {
  return /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(path)?.[1];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
