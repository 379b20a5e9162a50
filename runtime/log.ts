import pino from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../activities/deps.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const SECRET_KEY = /pass(word|wd)?$|secret|token|authorization|api[-_]?key|cookie|credential|private[-_]?key/i;
/** A log line carries short facts; anything deeper or longer than this is cut, never an error. */
const MAX_DEPTH = 6;
const MAX_TEXT = 4_000;

/** Each pattern keeps the part that helps an operator (which host, which parameter) and drops the part that opens a door. */
const SECRETS: Array<[RegExp, string]> = [
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"<>]*@/gi, '$1***@'],
  [/([?&#](?:[\w-]*(?:token|secret|password|key|sig|signature|auth))=)[^&\s'"#]+/gi, '$1***'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/g, '$1 ***'],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[^\s'"]+/gi, '$1***'],
  [/(\/api\/(?:v\d+\/)?webhooks\/)[^\s'"]+/gi, '$1***'],
  [/(api\.telegram\.org\/bot)[^/\s'"]+/gi, '$1***'],
];

/**
 * Takes credentials out of a text: the user part of URLs, secret query parameters, bearer tokens and the paths of known chat
 * webhooks. `redactText('postgres://u:p@db/x')` is `postgres://***@db/x`.
 */
export function redactText(text: string): string {
  const safe = SECRETS.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), text);
  return safe.length > MAX_TEXT ? `${safe.slice(0, MAX_TEXT)}... (${safe.length} characters)` : safe;
}

/** The same for any value of a log line: strings are cleaned, values under a secret's name are replaced, errors become plain objects. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '...';
  if (Array.isArray(value)) return value.slice(0, 100).map((one) => redactValue(one, depth + 1));
  if (value instanceof Error) {
    const { name, message, stack, cause, ...own } = value as Error & Record<string, unknown>;
    return redactValue({ type: name, message, ...own, stack, cause }, depth + 1);
  }
  if (value instanceof URL) return redactText(value.href);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined && typeof one !== 'function')
      .map(([key, one]) => [key, SECRET_KEY.test(key) && one ? '[redacted]' : redactValue(one, depth + 1)]),
  );
}

/**
 * The program's log: JSON lines for machines, readable lines when `stream` is a terminal. No secret passes it, whatever a caller
 * hands over: every string of the fields and of the message is cleaned here, in one place.
 */
export function createLog(env: { logLevel: string }, stream: NodeJS.WritableStream & { isTTY?: boolean }): Log {
  const level = LEVELS.includes(env.logLevel) ? env.logLevel : 'info';
  const destination = stream.isTTY
    ? pretty({
        destination: stream as NodeJS.WritableStream as never,
        colorize: true,
        ignore: 'pid,hostname',
        sync: true,
      })
    : stream;
  const logger = pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination as pino.DestinationStream,
  );
  const write = (at: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (logger.isLevelEnabled(at)) logger[at](redactValue(fields) as object, redactText(message));
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
