/** Who calls: the user, and the one who has become root with sudo. */

/** Of `SUDO_UID`; null where it has none. */
export function uidIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

export function callersUids(uid = process.geteuid?.() ?? 0, sudoUid = process.env["SUDO_UID"]): number[] {
  const before = uid === 0 ? uidIn(sudoUid) : null;
  return before === null ? [uid] : [uid, before];
}
