/** Who calls: the user, and the one who has become root with sudo, doas or pkexec. */

/** Of `SUDO_UID`; null where it has none. */
export function uidIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/**
 * The user who has become root, by number or name; null: root itself, or no program says so. Sources: sudo(8), doas(1),
 * pkexec(1). Pure.
 */
export function userBeforeRoot({ SUDO_UID, DOAS_USER, PKEXEC_UID }: NodeJS.ProcessEnv): string | null {
  const says = [SUDO_UID, DOAS_USER, PKEXEC_UID].find((each) => each !== undefined && each !== "");
  return says === undefined || says === "0" || says === "root" ? null : says;
}

export function callersUids(uid = process.geteuid?.() ?? 0, sudoUid = process.env["SUDO_UID"]): number[] {
  const before = uid === 0 ? uidIn(sudoUid) : null;
  return before === null ? [uid] : [uid, before];
}
