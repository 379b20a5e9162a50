import type { Fault } from '../errors.js';

/** Faults that a broken line of ours shows as well as a broken site. */
const LINE_FAULTS: ReadonlySet<Fault> = new Set<Fault>(['dns', 'connect', 'offline']);
const MANY_HOSTS = 3;

/**
 * True when a batch of polls says that we were cut off, not they: every poll failed by name look-up or connection, and either
 * three hosts did or two whose feeds had worked at the poll before. A single host proves nothing. Such polls do not count against
 * the feeds (NetNewsWire's `errorIsConnectivityRelated`).
 */
export function isOwnOutage(
  polls: ReadonlyArray<{ host: string; fault: Fault | null; workedBefore: boolean }>,
): boolean {
  if (!polls.every(({ fault }) => fault !== null && LINE_FAULTS.has(fault))) return false;
  const hosts = new Set(polls.map(({ host }) => host)).size;
  const witnesses = new Set(polls.filter(({ workedBefore }) => workedBefore).map(({ host }) => host)).size;
  return hosts >= MANY_HOSTS || witnesses >= 2;
}
