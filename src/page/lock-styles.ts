/** How a lock looks: a colour, a pattern for those who do not tell colours apart, and its name where there is room. */

export type Pattern = "plain" | "dots" | "bars" | "cross" | "lines" | "checks" | "diagonal";

export interface LockStyle {
  /** The variable of the style that has its colour. */
  readonly colour: string;
  readonly pattern: Pattern;
  /** What it means, in a word or two. */
  readonly meaning: string;
}

const STYLES: Readonly<Record<string, LockStyle>> = {
  WRITE: { colour: "--write", pattern: "plain", meaning: "writing" },
  RESERVED: { colour: "--write", pattern: "dots", meaning: "writing" },
  PENDING: { colour: "--pending", pattern: "bars", meaning: "keeps new readers out" },
  EXCLUSIVE: { colour: "--exclusive", pattern: "cross", meaning: "keeps all others out" },
  SHARED: { colour: "--read", pattern: "lines", meaning: "reading" },
  READ: { colour: "--read", pattern: "lines", meaning: "reading" },
  CKPT: { colour: "--checkpoint", pattern: "checks", meaning: "checkpoint" },
  RECOVER: { colour: "--checkpoint", pattern: "bars", meaning: "recovery" },
  DMS: { colour: "--open", pattern: "plain", meaning: "database is open" },
  FOREIGN: { colour: "--foreign", pattern: "cross", meaning: "not SQLite's" },
};

const OPEN: LockStyle = { colour: "--open", pattern: "plain", meaning: "database is open" };
const READ_MARK: LockStyle = { colour: "--checkpoint", pattern: "lines", meaning: "sets a read mark" };
const OTHER: LockStyle = { colour: "--foreign", pattern: "plain", meaning: "" };

/** READ0 to READ4 are one family: which one it is, the label says. `isOpen`: SHARED in WAL mode. */
export function lockStyle(name: string, type: string, isOpen = false): LockStyle {
  if (isOpen) return OPEN;
  if (name.startsWith("READ")) return type === "write" ? READ_MARK : (STYLES["READ"] as LockStyle);
  return Object.hasOwn(STYLES, name) ? (STYLES[name] as LockStyle) : OTHER;
}

/** What a legend calls it. */
export function familyName(name: string, type: string): string {
  if (!name.startsWith("READ")) return name;
  return type === "write" ? "READn (write)" : "READn";
}
