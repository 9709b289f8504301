/** What is known of a database before a check of it. */
export interface Condition {
  /** It has problems already. */
  readonly damaged: boolean;
  /** All of the schema was read: every table is known. */
  readonly schemaReadable: boolean;
}
