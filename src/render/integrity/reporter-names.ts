/** The names that --reporter takes: apart from the reporters, since the help needs them and nothing else. */
export const REPORTERS = ["pretty", "json", "junit", "github", "sarif"] as const;

export type ReporterName = (typeof REPORTERS)[number];

export function isReporter(name: string): name is ReporterName {
  return (REPORTERS as readonly string[]).includes(name);
}
