/**
 * The codebook as the program sees it: read from YAML by `config/`, never written in code. Members, domains and indicators
 * are data, so another group of actors is another folder.
 */
export type Polarity = 1 | -1;
export const STATUSES = ['occurred', 'announced', 'alleged', 'denied'] as const;
export type Status = (typeof STATUSES)[number];

export interface Member {
  /** e.g. `RUS`; the code used in labels, dyads, queries. */
  code: string;
  name: string;
  /** ISO 3166 alpha-2 of the home country of its outlets, for the implied home country of a state outlet. */
  country: string | null;
}

export interface Domain {
  /** Prefix of indicator ids, e.g. `mil`. */
  code: string;
  /** Name in queries and on pages, e.g. `military`. */
  name: string;
}

export interface Indicator {
  id: string;
  title: string;
  /** Name of the domain, e.g. `military`. */
  domain: string;
  polarity: Polarity;
  direction: 'directed' | 'mutual' | 'either';
  definition: string;
}

export interface Codebook {
  /** Number and content hash, e.g. `1.0+3f9a0c21`: two installations with the same version code alike. */
  version: string;
  members: Member[];
  domains: Domain[];
  indicators: Indicator[];
  /** Sorted dyads of the members, e.g. `CHN-RUS`; derived, never configured. */
  dyads: string[];
}

/** The dyad of two members: sorted codes joined by a hyphen. `dyadOf('RUS', 'CHN')` is `CHN-RUS`. */
export function dyadOf(a: string, b: string): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}

/** Every pair of a set of participants, sorted. `['RUS','CHN','IRN']` gives `CHN-IRN`, `CHN-RUS`, `IRN-RUS`. */
export function dyadsOf(participants: readonly string[]): string[] {
  const codes = [...new Set(participants)].sort();
  return codes.flatMap((a, i) => codes.slice(i + 1).map((b) => `${a}-${b}`));
}
