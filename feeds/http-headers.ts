import type { IncomingHttpHeaders } from 'node:http';

/** Wait when a server asks for one without saying how long, or says it in no form we know. */
export const DEFAULT_RETRY_SECONDS = 600;
/** A server may not keep us away longer than this. */
export const MAX_RETRY_SECONDS = 8 * 3600;

/** The first value of a header, trimmed; null when it is absent or empty. */
export function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  const first = (Array.isArray(value) ? value[0] : value)?.trim();
  return first ? first : null;
}

/**
 * Seconds of a `Retry-After` (RFC 9110 section 10.2.3): a number, or a date counted from `now`. Anything else is the default; at
 * most {@link MAX_RETRY_SECONDS}, at least one.
 */
export function retryAfterSeconds(value: string | null, now: Date): number {
  const seconds =
    value === null ? Number.NaN : /^\d{1,12}$/.test(value) ? Number(value) : (httpDate(value) - now.getTime()) / 1000;
  if (!Number.isFinite(seconds) || seconds < 0) return DEFAULT_RETRY_SECONDS;
  return Math.min(Math.max(Math.ceil(seconds), 1), MAX_RETRY_SECONDS);
}

/**
 * How long a response says it is fresh, in seconds: `max-age` less its `Age`, else `Expires` less `Date` (RFC 9111 section 4.2.1);
 * 0 when it must not be kept or has expired, null when it says nothing.
 */
export function freshSeconds(headers: IncomingHttpHeaders, now: Date): number | null {
  const control = header(headers, 'cache-control')?.toLowerCase() ?? '';
  if (/(?:^|[\s,])no-(?:cache|store)(?:$|[\s,;=])/.test(control)) return 0;
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,12})/.exec(control)?.[1];
  if (maxAge !== undefined) {
    const age = Number(header(headers, 'age') ?? 0);
    return Math.max(0, Number(maxAge) - (Number.isFinite(age) ? age : 0));
  }
  const expires = header(headers, 'expires');
  if (expires === null) return null;
  const date = httpDate(header(headers, 'date') ?? '');
  const fresh = Math.round((httpDate(expires) - (Number.isNaN(date) ? now.getTime() : date)) / 1000);
  // `Expires: 0` and other non-dates mean already expired (RFC 9111 section 5.3).
  return Number.isNaN(fresh) ? 0 : Math.max(0, fresh);
}

/** HTTP dates are GMT and in English (RFC 9110 section 5.6.7), which `Date.parse` reads alike everywhere; NaN for anything else. */
function httpDate(value: string): number {
  return /^[A-Z][a-z]{2,8},? \d{1,2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} (?:GMT|UTC)$/.test(value) ||
    /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(value)
    ? Date.parse(/GMT|UTC/.test(value) ? value : `${value} GMT`)
    : Number.NaN;
}

/** Whether a refusal is the test for robots of a content network rather than an answer of the site. */
export function isBotChallenge(status: number, headers: IncomingHttpHeaders, bodyStart: string): boolean {
  if (header(headers, 'cf-mitigated')?.toLowerCase() === 'challenge') return true;
  if (![401, 403, 405, 429, 503].includes(status)) return false;
  return /<title>\s*(?:just a moment|attention required|ddos-guard|access denied \| .{1,60} used cloudflare)|\/cdn-cgi\/challenge-platform\/|_incapsula_resource|awswafcookiedomainlist|challenge\.js.{0,200}aws-waf/i.test(
    bodyStart,
  );
}
