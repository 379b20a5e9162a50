import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../core/errors.js';
import { editDistance, nearestValue } from '../core/nearest.js';
import { readSecondCoder, type SecondCoderSettings } from './second-coder.js';
import { LOG_LEVELS, SETTINGS } from './settings.js';
import { Wrong } from './wrong.js';

export { SETTINGS, type Setting } from './settings.js';

/** The folder with the configuration that ships with the program. */
export const SHIPPED_CONFIG_DIR = fileURLToPath(new URL('.', import.meta.url)).replace(/[\\/]$/, '');

type Vars = NodeJS.ProcessEnv;

const PLACEHOLDERS = /^(change[-_]?(me|this)|placeholder|your[-_ ].*|<.*>|todo)$/i;

export interface Env {
  dataDir: string;
  cacheDir: string;
  configDir: string;
  host: string;
  port: number;
  postgresPort: number;
  temporalPort: number;
  allowAddresses: string[];
  apiToken: string | null;
  /** Mail address or URL of the operator, for the User-Agent. */
  contact: string | null;
  /** Who decides in reviews; null for the user of the machine. */
  author: string | null;
  logLevel: string;
  databaseUrl: string | null;
  temporalCliPath: string | null;
  /** Any of TEMPORAL_ADDRESS, TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE is set: nothing is embedded. */
  temporalConfigured: boolean;
  /** The optional second coder; null when it is off. */
  secondCoder: SecondCoderSettings | null;
  /** The whole environment with `NAME_FILE` secrets read in, for libraries and channels that look names up themselves. */
  vars: Vars;
}

export interface EnvProblem {
  name: string;
  message: string;
  nearest: string | null;
}

/** Every wrong setting at once; messages never hold the value of a secret. */
export class EnvProblems extends Failure {
  constructor(readonly problems: EnvProblem[]) {
    super('invalid-config', problems.map((p) => `${p.name} ${p.message}`).join('\n'));
  }
}

/** Reads and checks the environment. Throws {@link EnvProblems} with every problem; an empty value counts as unset. */
export function readEnv(vars: Vars): Env {
  const problems: EnvProblem[] = [];
  const resolved: Vars = { ...vars };
  for (const setting of SETTINGS.filter((s) => s.secret)) readSecretFile(setting.name, resolved, problems);
  problems.push(...misspelt(vars));
  /** The value of a setting, or its default from the list; null when it is unset and has none. */
  const read = <T>(name: string, parse: (text: string) => T | Wrong): T | null => {
    const text = resolved[name]?.trim() || defaultOf(name);
    if (text === '') return null;
    const got = parse(text);
    if (!(got instanceof Wrong)) return got;
    problems.push({ name, message: got.message, nearest: got.nearest });
    return null;
  };
  const folders = platformFolders(vars, process.platform);
  const temporal = [
    read('TEMPORAL_ADDRESS', readAddress),
    read('TEMPORAL_PROFILE', (text) => text),
    read('TEMPORAL_CONFIG_FILE', (text) => text),
  ];
  read('TEMPORAL_API_KEY', readToken);
  read('TEMPORAL_TLS', readBoolean);
  const env: Env = {
    dataDir: read('AXISWATCH_DATA_DIR', readPath) ?? folders.data,
    cacheDir: read('AXISWATCH_CACHE_DIR', readPath) ?? folders.cache,
    configDir: read('AXISWATCH_CONFIG_DIR', readPath) ?? SHIPPED_CONFIG_DIR,
    host: read('AXISWATCH_HOST', readHost) ?? '',
    port: read('AXISWATCH_PORT', readPort) ?? 0,
    postgresPort: read('AXISWATCH_POSTGRES_PORT', readPort) ?? 0,
    temporalPort: read('AXISWATCH_TEMPORAL_PORT', readPort) ?? 0,
    allowAddresses: read('AXISWATCH_ALLOW_ADDRESSES', readAddresses) ?? [],
    apiToken: read('AXISWATCH_API_TOKEN', readToken),
    contact: read('AXISWATCH_CONTACT', readContact),
    author: read('AXISWATCH_AUTHOR', readAuthor),
    logLevel: read('AXISWATCH_LOG_LEVEL', readLogLevel) ?? '',
    databaseUrl: read('DATABASE_URL', readDatabaseUrl),
    temporalCliPath: read('TEMPORAL_CLI_PATH', readPath),
    temporalConfigured: temporal.some((text) => text !== null),
    secondCoder: readSecondCoder(read, (name, message) => problems.push({ name, message, nearest: null })),
    vars: resolved,
  };
  if (problems.length > 0) throw new EnvProblems(problems);
  return env;
}

function defaultOf(name: string): string {
  return SETTINGS.find((setting) => setting.name === name)?.defaultValue ?? '';
}

/**
 * The environment of the demo world: its own data and configuration under `demo/` and embedded servers only, so that it never
 * mixes with live data. Its feeds are on this machine.
 */
export function demoVars(vars: Vars): Vars {
  const dataDir = join(vars.AXISWATCH_DATA_DIR || platformFolders(vars, process.platform).data, 'demo');
  const allowed = [vars.AXISWATCH_ALLOW_ADDRESSES, '127.0.0.1'].filter(Boolean).join(',');
  const external = [
    'DATABASE_URL',
    'DATABASE_URL_FILE',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_PROFILE',
    'TEMPORAL_CONFIG_FILE',
    // A sample world is not worth the money.
    'AXISWATCH_SECOND_CODER',
  ];
  return {
    ...Object.fromEntries(Object.entries(vars).filter(([name]) => !external.includes(name))),
    AXISWATCH_DATA_DIR: dataDir,
    AXISWATCH_CONFIG_DIR: join(dataDir, 'config'),
    AXISWATCH_ALLOW_ADDRESSES: allowed,
  };
}

/** Data and cache folder by the habits of the platform (XDG base directories, macOS Library, Windows local app data). */
export function platformFolders(vars: Vars, platform: NodeJS.Platform): { data: string; cache: string } {
  const home = vars.HOME || homedir();
  // The XDG specification: a relative path in these variables is to be ignored.
  const xdg = (name: string, fallback: string) =>
    join(vars[name] && isAbsolute(vars[name]) ? vars[name] : fallback, 'axiswatch');
  if (platform === 'darwin' && !vars.XDG_DATA_HOME) {
    return {
      data: join(home, 'Library', 'Application Support', 'axiswatch'),
      cache: join(home, 'Library', 'Caches', 'axiswatch'),
    };
  }
  if (platform === 'win32') {
    const local = vars.LOCALAPPDATA || join(home, 'AppData', 'Local');
    return { data: join(local, 'axiswatch', 'data'), cache: join(local, 'axiswatch', 'cache') };
  }
  return {
    data: xdg('XDG_DATA_HOME', join(home, '.local', 'share')),
    cache: xdg('XDG_CACHE_HOME', join(home, '.cache')),
  };
}

function readSecretFile(name: string, vars: Vars, problems: EnvProblem[]): void {
  const path = vars[`${name}_FILE`];
  if (!path) return;
  if (vars[name]) {
    problems.push({ name, message: `and ${name}_FILE are both set: keep one`, nearest: null });
    return;
  }
  try {
    vars[name] = readFileSync(path, 'utf8').trim();
    if (vars[name] === '')
      problems.push({ name: `${name}_FILE`, message: `names an empty file (${path})`, nearest: null });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    problems.push({
      name: `${name}_FILE`,
      message: `names a file that cannot be read (${path}: ${code})`,
      nearest: null,
    });
  }
}

/** A setting misspelt by a letter or two would silently do nothing. */
function misspelt(vars: Vars): EnvProblem[] {
  const known = SETTINGS.flatMap((s) => (s.secret ? [s.name, `${s.name}_FILE`] : [s.name]));
  return Object.keys(vars)
    .filter((name) => name.startsWith('AXISWATCH_') && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => editDistance(name, candidate) <= 2);
      return meant ? [{ name, message: `is not a setting: did you mean ${meant}?`, nearest: meant }] : [];
    });
}

const readPath = (text: string) => resolve(text);

function readPort(text: string): number | Wrong {
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : new Wrong(`must be a port from 0 to 65535 (got "${text}")`);
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.?$/i;

function readHost(text: string): string | Wrong {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) || HOST_NAME.test(bare) ? bare : new Wrong(`must be an address or a host name (got "${text}")`);
}

function readAddress(text: string): string | Wrong {
  const parts = /^(\[[0-9a-f:.]+\]|[^:/\s]+):(\d{1,5})$/i.exec(text);
  if (parts && Number(parts[2]) > 0 && Number(parts[2]) <= 65_535) return text;
  return new Wrong(`must be host:port, like temporal.example.org:7233 (got "${text}")`);
}

function readAddresses(text: string): string[] | Wrong {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const wrong = entries.find((entry) => !isAllowEntry(entry));
  if (wrong === undefined) return entries;
  return new Wrong(`takes CIDRs and host names, like 10.0.0.0/8,feeds.example.org (got "${wrong}")`);
}

function isAllowEntry(entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/');
  const family = isIP(address.replace(/^\[(.*)\]$/, '$1'));
  if (more.length > 0) return false;
  if (prefix !== undefined)
    return family !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
  // Four numbers that are no address are a slip, not a host name.
  return family !== 0 || (HOST_NAME.test(address) && !/^[\d.]+$/.test(address));
}

function readToken(text: string): string | Wrong {
  if (PLACEHOLDERS.test(text)) return new Wrong('still holds a placeholder: put a random secret there');
  return /\s/.test(text) ? new Wrong('must not contain spaces') : text;
}

function readAuthor(text: string): string | Wrong {
  return text.length <= 100 && !/\p{Cc}/u.test(text) ? text : new Wrong('must be a name of at most 100 characters');
}

/** Goes into a header: printable ASCII, and something that a person can write to or open. */
function readContact(text: string): string | Wrong {
  if (
    /^[\x21-\x7e]{1,200}$/.test(text) &&
    (/^[^@()]+@[^@()]+\.[^@()]+$/.test(text) || /^https?:\/\/[^()]+$/i.test(text))
  )
    return text;
  return new Wrong(`must be a mail address or an http(s) URL (got "${text}")`);
}

function readLogLevel(text: string): string | Wrong {
  if (LOG_LEVELS.includes(text)) return text;
  const meant = nearestValue(text, LOG_LEVELS);
  const hint = meant ? `, did you mean "${meant}"?` : '';
  return new Wrong(`must be one of ${LOG_LEVELS.join(', ')} (got "${text}"${hint})`, meant);
}

function readDatabaseUrl(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol))
    return new Wrong('must be a URL like postgres://user:password@host:5432/name', 'postgres://');
  // The driver decodes both; a bare percent sign would break it far from here.
  if (/%(?![0-9a-f]{2})/i.test(url.username + url.password))
    return new Wrong(
      'has a percent sign in its user or password that is not followed by two hexadecimal digits: write %25',
    );
  if (PLACEHOLDERS.test(url.password))
    return new Wrong('still holds a placeholder as its password: put the real one there');
  return text;
}

function readBoolean(text: string): boolean | Wrong {
  if (/^(true|1)$/i.test(text)) return true;
  return /^(false|0)$/i.test(text) ? false : new Wrong(`must be true or false (got "${text}")`);
}
