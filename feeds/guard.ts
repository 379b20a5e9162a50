import { lookup as resolveName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { Failure } from '../core/errors.js';
import { type AllowList, isPublicAddress, readAllowList } from './addresses.js';

/** Ports of services other than the web: a feed address must not be a way to talk to them (the browsers' list, shortened). */
const REFUSED_PORTS = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 3306,
  3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9200, 10080, 11211,
  27017,
]);

export interface GuardOptions {
  /** CIDRs and host names that may be reached although private. */
  allow: string[];
  /** Time for DNS, TCP and TLS together. */
  connectTimeoutMs?: number;
  /** Accept any certificate: an exception for one source that an operator wrote down. */
  insecureTls?: boolean;
  /** Further certificate authorities (PEM), for a private authority. */
  ca?: string | string[];
}

function refuse(what: string): Failure {
  return new Failure(
    'network',
    `${what} is not on the public internet, so it is not fetched. AXISWATCH_ALLOW_ADDRESSES can allow it.`,
    {
      fault: 'refused-address',
    },
  );
}

/**
 * Checks an address before anything is sent: http(s) only, no credentials in it, no port of another service, no literal address
 * outside the public internet. `new URL` has already turned decimal, octal and hexadecimal hosts into dotted ones.
 * Throws a {@link Failure} `network` with fault `refused-address`.
 */
export function checkUrl(url: URL, allow: AllowList): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Failure('network', `Only http and https addresses are fetched, not ${url.protocol.slice(0, 20)}`, {
      fault: 'refused-address',
    });
  const host = bareHost(url.hostname);
  if (host === '') throw new Failure('network', 'The address names no host.', { fault: 'refused-address' });
  const isAllowed = allow.allowsHost(host) || allow.allowsAddress(host);
  if (isAllowed) return;
  const port = Number(url.port);
  if (url.port !== '' && REFUSED_PORTS.has(port))
    throw new Failure('network', `Port ${port} belongs to another service than the web, so it is not fetched.`, {
      fault: 'refused-address',
    });
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refuse(host);
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/**
 * Resolves a name and refuses it when any of its addresses is private: a name must not be half public. When some of them are on
 * the allow list, those are used and the private rest is left out.
 */
function guardedLookup(allow: AllowList): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const isNameAllowed = allow.allowsHost(hostname);
      const isListed = (address: string) => isNameAllowed || allow.allowsAddress(address);
      const usable = addresses.filter(({ address }) => isListed(address) || isPublicAddress(address));
      const wrong = addresses.find(({ address }) => !isListed(address) && !isPublicAddress(address));
      if (wrong && !addresses.some(({ address }) => isListed(address)))
        return callback(refuse(`${hostname} (${wrong.address})`) as NodeJS.ErrnoException, '', 0);
      if (options.all) return callback(null, usable);
      const [first] = usable;
      if (!first) return callback(Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), '', 0);
      return callback(null, first.address, first.family);
    });
  };
}

/**
 * A dispatcher for undici that connects to allowed addresses only, whatever the caller and every redirect ask for. Literal
 * addresses are checked here, because `connect.lookup` is not called for them; names are checked by what they resolve to at the
 * moment of connecting, so a second answer of the DNS cannot differ from the one that was checked. HTTP/1.1 only. It keeps no
 * deadline of its own but for connecting: pass a signal.
 */
export function createGuardedDispatcher(options: GuardOptions): Dispatcher {
  const allow = readAllowList(options.allow);
  const connect = buildConnector({
    timeout: options.connectTimeoutMs ?? 10_000,
    lookup: guardedLookup(allow),
    rejectUnauthorized: options.insecureTls !== true,
    allowH2: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  return new Agent({
    connect: (target, callback) => {
      const host = bareHost(target.hostname);
      if (isIP(host) !== 0 && !allow.allowsHost(host) && !allow.allowsAddress(host) && !isPublicAddress(host))
        return callback(refuse(host), null);
      return connect(target, callback);
    },
    connections: 2,
    pipelining: 1,
    maxHeaderSize: 64 * 1024,
    // The caller has a deadline of its own for everything together.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4000,
  });
}
