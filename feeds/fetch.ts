import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { Failure } from '../core/errors.js';
import { readAllowList } from './addresses.js';
import type { FetchedFeed, FetchFeed, FetchRequest } from './feed.js';
import { checkUrl, createGuardedDispatcher } from './guard.js';
import { isCutConnection, toFailure } from './http-faults.js';
import { freshSeconds, header, isBotChallenge, retryAfterSeconds } from './http-headers.js';
import { inflateBody, readBody } from './response-body.js';

export interface FetchLimits {
  /** Decoded bytes of a body. */
  maxBodyBytes: number;
  /** Wall clock for everything: DNS, connection, redirects, headers and body. */
  deadlineMs: number;
  connectTimeoutMs: number;
  maxRedirects: number;
}

export const DEFAULT_LIMITS: FetchLimits = {
  maxBodyBytes: 10 * 1024 * 1024,
  deadlineMs: 30_000,
  connectTimeoutMs: 10_000,
  maxRedirects: 5,
};

export interface FetchOptions {
  /** CIDRs and host names that may be reached although private. */
  allowAddresses: string[];
  /** Who asks, with a way to reach them: `axiswatch/0.1 (+https://…)`. */
  userAgent: string;
  limits?: Partial<FetchLimits>;
  /** Further certificate authorities (PEM). */
  ca?: string | string[];
  now?: () => Date;
}

const ACCEPT =
  'application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1';

/** One request and its answer, before redirects and statuses are understood. */
interface Hop {
  status: number;
  headers: IncomingHttpHeaders;
  body: Dispatcher.ResponseData['body'];
}

/**
 * Makes the function that fetches feeds. It keeps connections open between calls, follows redirects itself so that every hop is
 * guarded, and turns whatever goes wrong into a {@link Failure} with a reason, a fault and one sentence without secrets.
 * An abort of the caller's signal is rethrown as it is.
 */
export function createFetchFeed(options: FetchOptions): FetchFeed {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const allow = readAllowList(options.allowAddresses);
  const guard = { allow: options.allowAddresses, connectTimeoutMs: limits.connectTimeoutMs, ca: options.ca };
  const dispatcher = createGuardedDispatcher(guard);
  let insecure: Dispatcher | null = null;
  const now = options.now ?? (() => new Date());

  return async (request, signal) => {
    signal.throwIfAborted();
    const deadline = AbortSignal.timeout(limits.deadlineMs);
    const either = AbortSignal.any([signal, deadline]);
    if (request.insecureTls) insecure ??= createGuardedDispatcher({ ...guard, insecureTls: true });
    let host = 'The server';
    const onHop = async (url: URL, headers: Record<string, string>): Promise<Hop> => {
      checkUrl(url, allow);
      host = url.host;
      const through = request.insecureTls ? insecure! : dispatcher;
      const answer = await through.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers,
        signal: either,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    };
    try {
      return await followAndRead(request, onHop, options.userAgent, limits, now);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Failure) throw error;
      if (deadline.aborted)
        throw new Failure('timeout', `${host} did not finish its answer within ${limits.deadlineMs / 1000} s.`, {
          fault: 'deadline',
          cause: error,
        });
      throw toFailure(error, host);
    }
  };
}

async function followAndRead(
  request: FetchRequest,
  onHop: (url: URL, headers: Record<string, string>) => Promise<Hop>,
  userAgent: string,
  limits: FetchLimits,
  now: () => Date,
): Promise<FetchedFeed> {
  const start = parseUrl(request.url);
  const headers = requestHeaders(request, userAgent);
  const authorization = takeCredentials(start);
  const seen = new Set<string>();
  let isPermanent = true;
  let url = start;
  for (let hops = 0; ; hops++) {
    seen.add(url.href);
    // Credentials belong to the origin they were written for (Fetch standard, HTTP-redirect fetch, step 14).
    const withCredentials =
      authorization !== null && url.origin === start.origin ? { ...headers, authorization } : headers;
    const hop = await onHop(url, withCredentials);
    if (!isRedirect(hop))
      return readAnswer(
        request,
        hop,
        { finalUrl: url.href, permanentUrl: hops > 0 && isPermanent ? url.href : null },
        limits,
        now(),
      );
    await hop.body.dump({ limit: 64 * 1024 });
    url = nextUrl(url, hop);
    isPermanent &&= hop.status === 301 || hop.status === 308;
    if (seen.has(url.href)) throw refuseRedirect(`The redirects of ${start.host} lead in a circle.`, hop.status);
    if (hops + 1 > limits.maxRedirects)
      throw refuseRedirect(`${start.host} redirects more than ${limits.maxRedirects} times.`, hop.status);
  }
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text))
    throw new Failure('client', 'The address of the feed is not a valid URL.', { fault: 'http' });
  return new URL(text);
}

/** Moves user and password out of the address, so that neither is shown nor sent to another origin. */
function takeCredentials(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function requestHeaders(request: FetchRequest, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = {
    accept: ACCEPT,
    'accept-encoding': 'gzip, br, deflate',
    'user-agent': request.userAgent ?? userAgent,
  };
  // Verbatim: servers compare these as strings. One that no header can carry cannot have come from one.
  if (request.etag && isHeaderValue(request.etag)) headers['if-none-match'] = request.etag;
  if (request.lastModified && isHeaderValue(request.lastModified)) headers['if-modified-since'] = request.lastModified;
  return headers;
}

function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]+$/.test(text);
}

function isRedirect(hop: Hop): boolean {
  return [301, 302, 303, 307, 308].includes(hop.status) && header(hop.headers, 'location') !== null;
}

function nextUrl(from: URL, hop: Hop): URL {
  const location = header(hop.headers, 'location')!;
  if (!URL.canParse(location, from.href))
    throw refuseRedirect(`${from.host} redirects to something that is no address.`, hop.status);
  const target = new URL(location, from.href);
  target.hash = '';
  target.username = '';
  target.password = '';
  if (from.protocol === 'https:' && target.protocol === 'http:')
    throw refuseRedirect(`${from.host} redirects from https to unencrypted http on ${target.host}.`, hop.status);
  return target;
}

function refuseRedirect(message: string, status: number): Failure {
  return new Failure('network', message, { fault: 'refused-redirect', status });
}

async function readAnswer(
  request: FetchRequest,
  hop: Hop,
  where: Pick<FetchedFeed, 'finalUrl' | 'permanentUrl'>,
  limits: FetchLimits,
  now: Date,
): Promise<FetchedFeed> {
  const { status, headers } = hop;
  const host = new URL(where.finalUrl).host;
  const common = {
    ...where,
    status,
    contentType: header(headers, 'content-type'),
    freshSeconds: freshSeconds(headers, now),
    truncated: false,
    wireBytes: 0,
    body: new Uint8Array(),
  };
  if (status === 304) {
    await hop.body.dump({ limit: 1024 });
    if (!request.etag && !request.lastModified)
      throw new Failure('server', `${host} says "not modified" although it was asked for the whole feed.`, {
        fault: 'http',
        status,
      });
    // A 304 that leaves a validator out has not changed it (RFC 9111 section 4.3.4).
    return {
      ...common,
      kind: 'not-modified',
      etag: header(headers, 'etag') ?? request.etag ?? null,
      lastModified: header(headers, 'last-modified') ?? request.lastModified ?? null,
    };
  }
  if (status === 410) {
    await hop.body.dump({ limit: 64 * 1024 });
    return { ...common, kind: 'gone', etag: null, lastModified: null };
  }
  if (status < 200 || status > 299) throw await refusal(hop, host, now);
  if (isBotChallenge(status, headers, '')) throw botChallenge(host, status);
  const read = await readBody(hop.body, header(headers, 'content-encoding'), limits.maxBodyBytes, isCutConnection);
  return {
    ...common,
    ...read,
    kind: 'body',
    // Validators of a body that was cut would make the next answer "not modified" and the lost entries stay lost.
    etag: read.truncated ? null : header(headers, 'etag'),
    lastModified: read.truncated ? null : header(headers, 'last-modified'),
  };
}

function botChallenge(host: string, status: number): Failure {
  return new Failure('client', `${host} answers with a test for robots instead of the feed.`, {
    fault: 'bot-challenge',
    status,
  });
}

/** A status that is no answer, as a failure. Only the start of its page is read, to tell a challenge from a refusal. */
async function refusal(hop: Hop, host: string, now: Date): Promise<Failure> {
  const { status, headers } = hop;
  if (isBotChallenge(status, headers, await readStart(hop))) return botChallenge(host, status);
  const retryAfter = header(headers, 'retry-after');
  if (status === 429 || (status === 503 && retryAfter !== null)) {
    const seconds = retryAfterSeconds(retryAfter, now);
    return new Failure('rate-limited', `${host} asks us to wait ${seconds} s (HTTP ${status}).`, {
      fault: 'http',
      status,
      retryAfterSeconds: seconds,
    });
  }
  if (status >= 500)
    return new Failure('server', `${host} has a fault of its own (HTTP ${status}).`, { fault: 'http', status });
  if (status >= 400)
    return new Failure('client', `${host} ${CLIENT_WORDS[status] ?? 'refuses the request'} (HTTP ${status}).`, {
      fault: 'http',
      status,
    });
  return new Failure('server', `${host} gives an answer that is no feed (HTTP ${status}).`, { fault: 'http', status });
}

const CLIENT_WORDS: Record<number, string> = {
  401: 'wants a user name and a password',
  403: 'does not let us read the feed',
  404: 'has no page at this address',
  406: 'does not offer the feed in a form we read',
  451: 'may not show the feed here for legal reasons',
};

const START_BYTES = 32 * 1024;

async function readStart(hop: Hop): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of hop.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= START_BYTES) break;
  }
  const start = Buffer.concat(chunks);
  try {
    return Buffer.from(
      (await inflateBody(start, header(hop.headers, 'content-encoding'), 16 * START_BYTES)).body,
    ).toString('latin1');
  } catch (error) {
    // An error page that cannot be decompressed is judged by its status alone.
    if (error instanceof Failure) return '';
    throw error;
  }
}
