import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { replyProblem } from './problem.js';

/** True when only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(bare) === 4) return bare.startsWith('127.');
  return bare === '::1' || bare === 'localhost';
}

/** Probes answer without a token: a container's health check has none. */
const OPEN = new Set(['/healthz', '/readyz']);

/**
 * Reading is open on loopback; on any other address it needs the token, as `Authorization: Bearer` or, for browsers, as the
 * password of basic authentication.
 */
export function requireToken(host: string, token: string | null): MiddlewareHandler {
  return async (c, next) => {
    if (isLoopback(host) || OPEN.has(c.req.path)) return next();
    if (token !== null && isToken(c.req.header('authorization'), token)) return next();
    c.header('www-authenticate', 'Basic realm="axiswatch", charset="UTF-8"');
    c.header('www-authenticate', 'Bearer realm="axiswatch"', { append: true });
    return replyProblem(
      c,
      401,
      'Send the token of AXISWATCH_API_TOKEN as "Authorization: Bearer ...", or as the password in a browser.',
    );
  };
}

/**
 * Whether a request may write: it needs the token wherever the server listens, and a browser must send it from our own pages. There
 * is no cookie to steal, but a browser that knows the password of basic authentication would send it along from any page. Null
 * when it may.
 */
export function refuseWrite(c: Context, token: string | null): { status: 401 | 403; detail: string } | null {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  // What the browser itself says of the request goes first; older ones, and plain HTTP beyond loopback, have the origin alone.
  const isForeign =
    site !== undefined
      ? site !== 'same-origin' && site !== 'none'
      : origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== c.req.header('host'));
  if (isForeign) return { status: 403, detail: 'Another site may not decide here: open this page itself.' };
  if (token === null)
    return {
      status: 403,
      detail: 'Deciding over HTTP needs a token: set AXISWATCH_API_TOKEN and start again, or use "axiswatch review".',
    };
  if (isToken(c.req.header('authorization'), token)) return null;
  return {
    status: 401,
    detail: 'Send the token of AXISWATCH_API_TOKEN as "Authorization: Bearer ...", or as the password in a browser.',
  };
}

function isToken(authorization: string | undefined, token: string): boolean {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S+)$/.exec(authorization ?? '') ?? [];
  const given =
    scheme.toLowerCase() === 'bearer'
      ? credentials
      : scheme.toLowerCase() === 'basic'
        ? Buffer.from(credentials, 'base64')
            .toString('utf8')
            .replace(/^[^:]*:/, '')
        : '';
  // Digests have one length, so that neither content nor length of the token shows in the time it takes.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token)) && given !== '';
}
