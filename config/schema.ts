import { z } from 'zod';
import { nearestValue } from '../core/nearest.js';
import { formatDuration, parseDuration } from './duration.js';

/** Blocs of outlets; a fixed list because pages and rules compare by it. */
export const BLOCS = ['western', 'russian', 'chinese', 'iranian', 'north-korean', 'south-korean', 'other'] as const;
export const FEED_KINDS = ['feed', 'html-list', 'search'] as const;
export const SEVERITIES = ['low', 'medium', 'high'] as const;

export const MIN_EVERY_SECONDS = 60;
export const MAX_EVERY_SECONDS = 30 * 86_400;
export const MAX_SOURCES = 20_000;

const id = z
  .string()
  .max(64, 'must be at most 64 characters')
  .regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and hyphens')
  .meta({ description: 'Lower-case letters, digits and hyphens; never change it, stored rows point at it.' });

const text = z.string().trim().min(1, 'must not be empty').max(200, 'must be at most 200 characters');

/** `15m` to seconds, within the limits; the message of a wrong one shows how it is written. */
const every = z
  .string('use 15m, 2h or 1d')
  .transform((value, context) => {
    const seconds = parseDuration(value.trim());
    const wrong = (message: string) => {
      context.addIssue({ code: 'custom', message, input: value });
      return z.NEVER;
    };
    if (seconds === null) return wrong(`use 15m, 2h or 1d (got ${JSON.stringify(value)})`);
    if (seconds < MIN_EVERY_SECONDS || seconds > MAX_EVERY_SECONDS) {
      const limits = `${formatDuration(MIN_EVERY_SECONDS)} to ${formatDuration(MAX_EVERY_SECONDS)}`;
      return wrong(`must be from ${limits} (got ${JSON.stringify(value)})`);
    }
    return seconds;
  })
  .meta({ description: 'How often to poll: 1m to 30d, like 15m, 2h or 1d.' });

/** Parameters that carry a key to somebody's account; such URLs belong into the environment. */
const SECRET_PARAMETER = /^(api_?key|apikey|access_?token|auth|auth_?token|token|key|secret|password|sig|signature)$/i;

/** Real schemes, not slips of the pen. */
const OTHER_SCHEMES = ['ftp', 'sftp', 'file', 'data', 'ws', 'wss', 'gopher'];

/** An http(s) URL; a near miss of the scheme is told, credentials are refused without being shown. */
const url = z.string('must be a URL').superRefine((value, context) => {
  const wrong = (message: string, params?: { hide?: boolean; nearest?: string }) =>
    context.addIssue({ code: 'custom', message, ...(params ? { params } : {}) });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  const parsed = URL.canParse(value) ? new URL(value) : null;
  if (parsed && (parsed.username !== '' || parsed.password !== ''))
    return wrong('holds a user name or password: this file is no place for secrets', { hide: true });
  const secret = parsed ? [...parsed.searchParams.keys()].find((name) => SECRET_PARAMETER.test(name)) : undefined;
  if (secret) return wrong(`holds a secret ("${secret}="): this file is no place for secrets`, { hide: true });
  if (scheme !== 'http' && scheme !== 'https') {
    const meant = scheme && !OTHER_SCHEMES.includes(scheme) && nearestValue(scheme, ['https', 'http']);
    const looksBare = /^[\w-]+(\.[\w-]+)+([/:?]|$)/.test(value);
    const hint = meant
      ? `did you mean ${meant === 'http' ? 'https' : meant}://?`
      : looksBare
        ? 'did you mean https://?'
        : 'only http and https';
    return wrong(
      `Invalid URL ${JSON.stringify(value.slice(0, 200))}: ${hint}`,
      meant || looksBare ? { nearest: 'https://' } : {},
    );
  }
  if (!parsed || value.length > 2000) wrong(`Invalid URL ${JSON.stringify(value.slice(0, 200))}`);
});

const ZONES = new Set(Intl.supportedValuesOf('timeZone'));
const timezone = z.string().superRefine((value, context) => {
  if (ZONES.has(value) || isZone(value)) return;
  const meant = nearestValue(value, [...ZONES]);
  const hint = meant ? `did you mean "${meant}"?` : 'use a name like Europe/Moscow';
  context.addIssue({
    code: 'custom',
    message: `unknown time zone ${JSON.stringify(value)}: ${hint}`,
    params: meant ? { nearest: meant } : {},
  });
});

function isZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** CSS selectors of a page that lists what has no feed; all but `entry` are looked up inside an entry. */
const list = z.strictObject({
  entry: text.meta({ description: 'Selector of one entry of the list.' }),
  title: text.optional(),
  link: text.optional().meta({ description: 'Selector of the element with href; default: the first link.' }),
  date: text.optional(),
  summary: text.optional(),
});

const feed = z
  .strictObject({
    id,
    url,
    kind: z.enum(FEED_KINDS).default('feed'),
    every: every.default(900),
    /** Some sites answer only to a browser's words, or only to a named robot. */
    user_agent: text.optional(),
    /** Accept any certificate from this site: a last resort, told in `status`. */
    insecure_tls: z.boolean().optional(),
    list: list.optional(),
    /** Free words for whoever reads the file. */
    note: z.string().max(1000).optional(),
  })
  .superRefine((value, context) => {
    if (value.kind === 'html-list' && !value.list)
      context.addIssue({
        code: 'custom',
        message: 'a feed of kind html-list needs "list: {entry: ...}"',
        path: ['kind'],
      });
    if (value.kind !== 'html-list' && value.list)
      context.addIssue({ code: 'custom', message: '"list" is for kind html-list only', path: ['list'] });
  });

const source = z.strictObject({
  id,
  name: text,
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166 alpha-2, EU or UN)')
    .nullable()
    .default(null),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag like en, fa or zh')
    .nullable()
    .default(null),
  bloc: z.enum(BLOCS),
  family: id.optional().meta({ description: 'Publisher family: outlets that share one newsroom; default: the id.' }),
  timezone: timezone.nullable().default(null),
  note: z.string().max(1000).optional(),
  feeds: z.array(feed).min(1, 'needs at least one feed').max(200, 'at most 200 feeds in one source'),
});

export const sourcesFile = z.strictObject({
  sources: z.array(source).max(MAX_SOURCES, `at most ${MAX_SOURCES} sources`),
});

const codes = z.union([text, z.array(text).max(200)]).transform((value) => (Array.isArray(value) ? value : [value]));

/** What a rule watches; an absent part means all. One value may stand without brackets. */
const scope = z.strictObject({
  dyad: codes.optional(),
  domain: codes.optional(),
  indicator: codes.optional(),
  polarity: z.literal([1, -1]).optional(),
  status: codes.optional(),
  bloc: codes.optional(),
  /** Only labels at least this sure count; `alert` is the codebook's threshold of that name. */
  confidence: z.union([z.literal('alert'), z.number().min(0).max(1)]).optional(),
});

/** Parameters of a rule's kind stand beside these and are checked by the kind. */
const rule = z.looseObject({
  id,
  kind: text,
  scope: scope.default({}),
  severity: z.enum(SEVERITIES).default('medium'),
  note: z.string().max(1000).optional(),
});

export const rulesFile = z.strictObject({ rules: z.array(rule).max(1000, 'at most 1000 rules').default([]) });

/** Keys under which a secret is pasted by habit; only their `_env` and `_file` spellings are taken. */
const SECRET_KEY =
  /^(url|webhook|webhook_url|token|bot_token|access_token|secret|signing_secret|password|api_key|key)$/i;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Secrets of webhooks and chat services that would pass for a name. */
const PASTED_SECRET = /^(whsec_|sk_|ghp_|xox[a-z])/;

/** Secrets by name of their variable or file, never themselves. */
const channel = z.looseObject({ id, kind: text }).superRefine((value, context) => {
  const wrong = (key: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [key], params: { hide: true } });
  for (const [key, content] of Object.entries(value)) {
    if (SECRET_KEY.test(key))
      wrong(
        key,
        `"${key}" would put a secret into this file: use "${key}_env" with the name of a variable, or "${key}_file"`,
      );
    else if (
      key.endsWith('_env') &&
      !(typeof content === 'string' && ENV_NAME.test(content) && !PASTED_SECRET.test(content))
    )
      wrong(key, 'must be the name of an environment variable, not its value');
    else if (key.endsWith('_file') && !(typeof content === 'string' && content !== '' && !content.includes('://')))
      wrong(key, 'must be the path of a file that holds the secret');
  }
});

const route = z.strictObject({
  match: z
    .strictObject({
      dyad: codes.optional(),
      domain: codes.optional(),
      indicator: codes.optional(),
      severity: codes.optional(),
      bloc: codes.optional(),
    })
    .default({}),
  channels: z.array(id).min(1, 'needs at least one channel'),
  continue: z.boolean().default(false),
});

export const channelsFile = z.strictObject({
  channels: z.array(channel).max(200, 'at most 200 channels').default([]),
  routes: z.array(route).max(500, 'at most 500 routes').default([]),
});

/** JSON Schemas by file name, for editors. */
export function configJsonSchemas(): Record<string, object> {
  const options = { io: 'input', unrepresentable: 'any' } as const;
  return {
    'sources.yaml': z.toJSONSchema(sourcesFile, options),
    'rules.yaml': z.toJSONSchema(rulesFile, options),
    'channels.yaml': z.toJSONSchema(channelsFile, options),
  };
}
