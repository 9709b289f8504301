/**
 * Whether a process is of a unit that was asked for by its name: of the system's manager, or of that of the user who
 * asked. Other users, and whoever makes cgroups in a container, give their units any name. Pure.
 */

/** Whose word a unit is: that of the system's manager, of a user's own one, or of a process inside a container. */
export type UnitManager = "system" | "user" | "container";

export interface UnitOf {
  readonly unit: string | null;
  /** Null: there is no unit, or it is not known whose it is. */
  readonly unitManager: UnitManager | null;
  /** Of the user whose manager it is; null for other managers. */
  readonly unitUid: number | null;
}

/** `unitUids`: the users whose own units count. */
export function isOfUnits(
  { unit, unitManager, unitUid }: UnitOf,
  units: readonly string[],
  unitUids: readonly number[],
): boolean {
  if (unit === null || !units.includes(unit)) return false;
  return unitManager === "system" || (unitManager === "user" && unitUid !== null && unitUids.includes(unitUid));
}
