import { type Dispatcher, request } from 'undici';
import { type ChannelReason, Failure } from '../core/errors.js';
import { cleanText } from './text.js';

export interface PostRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** Blanked out of whatever the other side answers; the URL is one by itself. */
  secrets: readonly string[];
}

/** Posts JSON once. Returns the 2xx status, or throws `Failure` with a channel reason and a message without secrets. */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<{ status: number }>;

export interface PostOptions {
  /** Decides which addresses may be reached. */
  dispatcher: Dispatcher;
  userAgent: string;
  /** Wall-clock limit for connection, headers and body together. */
  deadlineMs?: number;
}

const DEADLINE_MS = 10_000;
/** A chat answers with a word or two; what follows is not read. */
const MAX_RESPONSE_BYTES = 4096;
const MAX_DETAIL = 160;
const REFUSED = 'its address is not on the public internet (AXISWATCH_ALLOW_ADDRESSES can allow it)';
const DAY_SECONDS = 86_400;

export function createPost({ dispatcher, userAgent, deadlineMs = DEADLINE_MS }: PostOptions): Post {
  return async ({ url, headers, body, secrets }, signal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    let response: Dispatcher.ResponseData;
    try {
      response = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': userAgent, ...headers },
        body,
        dispatcher,
        signal: AbortSignal.any([signal, deadline]),
      });
    } catch (error) {
      // The worker is stopping: neither sent nor failed, the next attempt uses the same key.
      if (signal.aborted) throw signal.reason;
      throw transportFailure(error, deadline.aborted, deadlineMs);
    }
    const answer = await readStart(response.body);
    const { statusCode: status } = response;
    const reason = reasonOf(status);
    if (reason === null) return { status };
    const said = cleanText(redact(answer, [...secrets, ...secretParts(url)]), MAX_DETAIL);
    const redirected = status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
    throw new Failure(reason, `answered ${status}${redirected}${said ? `: ${said}` : ''}`, {
      status,
      fault: 'http',
      retryAfterSeconds: retryAfter(response.headers),
    });
  };
}

/** As much of the answer as comes in time: the status has decided, and an accepted message must not be sent again for its body. */
async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  const text = () => Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString('utf8');
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_RESPONSE_BYTES) break; // leaving the loop destroys the stream
    }
    return text();
  } catch {
    return text(); // cut or too late: what has come is enough for a message
  }
}

/** What a status means; null for success. Redirects are not followed: a signed or secret request must not wander. */
export function reasonOf(status: number): ChannelReason | null {
  if (status >= 200 && status < 300) return null;
  if (status === 429) return 'rate-limited';
  if (status === 401 || status === 403 || status === 407) return 'auth';
  if (status === 408) return 'timeout';
  // 425 Too Early asks for the same request again, as a busy server does.
  if (status === 425 || status >= 500) return 'server';
  return 'client';
}

/**
 * `Retry-After` in seconds, or a date counted from the server's own `Date` (RFC 9110 section 10.2.3), at most a day;
 * undefined when there is none that can be read.
 */
function retryAfter(headers: Record<string, unknown>): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.min(DAY_SECONDS, Math.ceil(Number(value)));
  const until = Date.parse(value);
  const since = Date.parse(String(headers.date ?? ''));
  if (Number.isNaN(until) || Number.isNaN(since)) return undefined;
  return Math.min(DAY_SECONDS, Math.max(0, Math.ceil((until - since) / 1000)));
}

/** The error of a library may hold the URL: only its code and our own words are passed on, and no `cause`. */
function transportFailure(error: unknown, late: boolean, deadlineMs: number): Failure {
  const chain = causes(error);
  const refused = chain.find((link): link is Failure => link instanceof Failure);
  // The guard's own words name the host, which is part of a secret URL.
  if (refused) return new Failure('client', REFUSED, { fault: 'refused-address' });
  const code = chain.map((link) => (link as NodeJS.ErrnoException).code).find((c) => typeof c === 'string') ?? '';
  if (late || /TIMEOUT|ETIMEDOUT/.test(code))
    return new Failure('timeout', `no answer within ${deadlineMs / 1000} s`, { fault: 'deadline' });
  if (/ENOTFOUND|EAI_AGAIN/.test(code))
    return new Failure('network', `host name not found (${code})`, { fault: 'dns' });
  if (/CERT|TLS|SSL|ALTNAME|SELF_SIGNED/.test(code))
    return new Failure('network', `no trusted TLS connection (${code})`, { fault: 'tls' });
  if (/RESET|EPIPE|SOCKET/.test(code)) return new Failure('network', `connection cut (${code})`, { fault: 'reset' });
  return new Failure('network', `no connection${code ? ` (${code})` : ''}`, { fault: 'connect' });
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && chain.length < 10) {
    const next = queue.shift();
    if (!(next instanceof Error)) continue;
    chain.push(next);
    queue.push(next.cause, ...(next instanceof AggregateError ? next.errors : []));
  }
  return chain;
}

/** The URL as a whole, its path and query, and each long piece of them. */
function secretParts(url: URL): string[] {
  const pieces = `${url.pathname}${url.search}`.split(/[/?&=]/).filter((piece) => piece.length >= 8);
  const words = [url.href, url.pathname + url.search, url.pathname, url.username, url.password, ...pieces];
  return words.flatMap((word) => [word, safeDecode(word)]);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % is no encoding
  }
}

function redact(text: string, secrets: readonly string[]): string {
  const words = secrets.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
  return words.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}
