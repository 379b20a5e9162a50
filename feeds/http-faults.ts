import { Failure, type Fault, type FeedReason } from '../core/errors.js';

/** Error codes of Node, OpenSSL and undici, and what they mean to an operator. */
const CODES: Array<[RegExp, FeedReason, Fault, string]> = [
  // No name server answers at all: that is this machine's line or resolver, and no fault of the feed.
  [/^EAI_AGAIN$/, 'network', 'offline', 'could not be looked up because no name server answers'],
  [/^(?:ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|EBADNAME)$/, 'network', 'dns', 'has no address in the DNS'],
  [/^ECONNREFUSED$/, 'network', 'connect', 'refused the connection'],
  [/^(?:EHOSTUNREACH|EHOSTDOWN)$/, 'network', 'connect', 'cannot be reached'],
  [
    /^(?:ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/,
    'network',
    'offline',
    'cannot be reached because this machine has no network',
  ],
  [/^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'timeout', 'connect', 'did not accept the connection in time'],
  [/^(?:UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/, 'timeout', 'deadline', 'stopped answering'],
  [/^UND_ERR_HEADERS_OVERFLOW$|^HPE_HEADER_OVERFLOW$/, 'too-large', 'size', 'sent headers that are too large'],
  [/^HPE_|^UND_ERR_RES_|^UND_ERR_INVALID/, 'server', 'http', 'sent an answer that is no valid HTTP'],
  [
    /^(?:ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/,
    'network',
    'reset',
    'closed the connection',
  ],
];

/** What an OpenSSL code means in words; the code itself is added for the operator's search engine. */
const TLS_WORDS: Array<[RegExp, string]> = [
  [/CERT_HAS_EXPIRED/, 'has a certificate that has expired'],
  [/CERT_NOT_YET_VALID/, 'has a certificate that is not valid yet'],
  [/ALTNAME_INVALID/, 'has a certificate for another name'],
  [/SELF_SIGNED/, 'has a certificate that it signed itself'],
  [/UNABLE_TO_(?:GET_ISSUER|VERIFY)/, 'has a certificate of an authority that is not trusted'],
  [/CERT_REVOKED/, 'has a certificate that was revoked'],
];

/** Codes of all errors that are wrapped in one another, outermost first. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code, errors } = current as Error & { code?: unknown; errors?: unknown };
    if (typeof code === 'string') codes.push(code);
    // undici gives this one a code only in some cases.
    else if (current.name === 'HTTPParserError') codes.push('HPE_INVALID');
    // Several addresses were tried (RFC 8305): the first one tells.
    current = Array.isArray(errors) && errors[0] instanceof Error ? errors[0] : current.cause;
  }
  return codes;
}

/** Whether an error means that the connection was cut while a body was coming. */
export function isCutConnection(error: unknown): boolean {
  return codesOf(error).some((code) =>
    /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/.test(code),
  );
}

/** Any error of the network or of HTTP as a {@link Failure} with one plain sentence about `host`. */
export function toFailure(error: unknown, host: string): Failure {
  for (let depth = 0, current: unknown = error; depth < 5 && current instanceof Error; depth++, current = current.cause)
    if (current instanceof Failure) return current;
  const codes = codesOf(error);
  const tls = codes.find((code) =>
    /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA)/.test(code),
  );
  if (tls) {
    const words = TLS_WORDS.find(([pattern]) => pattern.test(tls))?.[1] ?? 'could not be talked to safely';
    return new Failure('network', `${host} ${words} (${tls}).`, { fault: 'tls', cause: error });
  }
  for (const code of codes) {
    const known = CODES.find(([pattern]) => pattern.test(code));
    if (known) return new Failure(known[1], `${host} ${known[3]} (${code}).`, { fault: known[2], cause: error });
  }
  return new Failure('network', `${host} could not be read${codes[0] ? ` (${codes[0]})` : ''}.`, {
    fault: 'connect',
    cause: error,
  });
}
