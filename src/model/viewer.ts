/** The user as whom sqlock looks: what it may do to the processes and files that it shows. */
export interface Viewer {
  /** The effective user id; null where the system has none (Windows). */
  readonly uid: number | null;
  /** It is in a user namespace of its own: users that this does not have show as 65534. Left out otherwise. */
  readonly userNamespace?: true;
}
