import { Failure } from '../core/errors.js';

/** Where a database is, without its password: `db.example:5432/axiswatch as watch`. */
export function describeDatabase(url: string): string {
  try {
    const { hostname, port, pathname, username } = new URL(url);
    const name = decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username);
    return `${hostname}:${port || 5432}/${name}${username ? ` as ${decodeURIComponent(username)}` : ''}`;
  } catch {
    return 'the address in DATABASE_URL'; // several hosts, or a socket: the driver takes more than URL does
  }
}

/** Causes by code of the driver, the system or the server, as the rest of the sentence "The database at X ...". */
const CAUSES: Array<[RegExp, string]> = [
  [/^ECONNREFUSED$/, 'refuses connections: is the server running, and is the port right?'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'cannot be found: the host name does not resolve.'],
  [/^(CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'does not answer: is it reachable from this machine?'],
  [/^(ECONNRESET|CONNECTION_CLOSED|CONNECTION_ENDED|EPIPE)$/, 'closed the connection.'],
  [/^28P01$/, 'refuses the password.'],
  [/^28/, 'refuses this user: check the name and the server access rules.'],
  [/^3D000$/, 'does not have that database: create it first.'],
  [/^42501$/, 'does not let this user do that: it must own the database or its schema.'],
  [/^53300$/, 'has no connection left.'],
  [/^57P0[123]$/, 'is starting or stopping: try again in a moment.'],
  [/^55P03$/, 'is being migrated by another program for too long: end that one and try again.'],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID)$/,
    'has a certificate that this machine does not trust.',
  ],
];

/**
 * The {@link Failure} `unavailable` for an error of the database driver that is trouble of the world: unreachable, refused, no such
 * database. Null for every other error, which is a bug or a broken invariant and must be seen as such.
 */
export function databaseFailure(error: unknown, url: string): Failure | null {
  const code = (error as { code?: unknown })?.code;
  if (typeof code !== 'string') return null;
  const cause = CAUSES.find(([pattern]) => pattern.test(code));
  return cause
    ? new Failure('unavailable', `The database at ${describeDatabase(url)} ${cause[1]}`, { cause: error })
    : null;
}
