import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { RULE_KINDS } from '../core/alerts/rule-kinds.js';
import { type Codebook, STATUSES } from '../core/codebook/codebook.js';
import { nearestValue } from '../core/nearest.js';
import { SHIPPED_CONFIG_DIR } from './env.js';
import { type ConfigProblem, ConfigProblems } from './problem.js';
import { problemsOf, readYaml, show, type YamlReading } from './read-yaml.js';
import { BLOCS, channelsFile, rulesFile, SEVERITIES, sourcesFile } from './schema.js';
import { TEXTS_FOLDER } from './second-coder.js';
import type { ChannelConfig, Config, FeedConfig, RuleConfig, SourceConfig } from './types.js';

export { ConfigProblems } from './problem.js';

/** What other rooms know and the files cannot be fully checked without; each part that is absent is not checked. */
export interface Known {
  codebook?: Codebook;
  /** Schema of the parameters of each kind of channel, by name. */
  channelKinds?: Record<string, z.ZodType>;
  /** Whether the reader of list pages understands a selector. */
  isSelector?(text: string): boolean;
}

const RULE_PARAMS = Object.fromEntries(Object.values(RULE_KINDS).map((kind) => [kind.kind, kind.params]));

/** What a configuration folder may hold. */
export const CONFIG_FILES = ['sources.yaml', 'rules.yaml', 'channels.yaml', 'codebook'] as const;

export const SHIPPED_CODEBOOK_DIR = join(SHIPPED_CONFIG_DIR, 'codebook');

/** The codebook folder whose texts the second coder is given: the directory's own when it brings some, else the shipped one. */
export function secondCoderFolder(directory: string): string {
  const own = configFile(directory, 'codebook');
  return existsSync(join(own, TEXTS_FOLDER)) ? own : SHIPPED_CODEBOOK_DIR;
}

/** The path of a configuration file or folder: the one in the directory when it is there, else the shipped one. */
export function configFile(directory: string, name: (typeof CONFIG_FILES)[number]): string {
  const own = join(directory, name);
  return existsSync(own) ? own : join(SHIPPED_CONFIG_DIR, name);
}

/** Reads and checks a configuration folder. Throws {@link ConfigProblems} with every mistake in all files. */
export function loadConfig(directory: string, known: Known = {}): Config {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    const message = 'is no folder: create it with "axiswatch init", or leave AXISWATCH_CONFIG_DIR unset';
    throw new ConfigProblems([
      { file: directory, line: null, column: null, path: '', message, value: null, nearest: null },
    ]);
  }
  if (!holdsConfig(directory)) {
    const meant = holdsConfig(join(directory, 'config')) ? join(directory, 'config') : null;
    const message = `holds none of ${CONFIG_FILES.join(', ')}${meant ? `: did you mean ${meant}?` : ': write them with "axiswatch init", or leave AXISWATCH_CONFIG_DIR unset'}`;
    throw new ConfigProblems([
      { file: directory, line: null, column: null, path: '', message, value: null, nearest: meant },
    ]);
  }
  const sources = read(sourcesFile, configFile(directory, 'sources.yaml'));
  const rules = read(rulesFile, configFile(directory, 'rules.yaml'));
  const channels = read(channelsFile, configFile(directory, 'channels.yaml'));
  const problems = [
    ...sources.problems,
    ...duplicatesInSources(sources),
    ...checkSelectors(sources, known),
    ...rules.problems,
    ...checkRules(rules, known),
    ...channels.problems,
    ...checkChannels(channels, known),
  ];
  if (problems.length > 0 || !sources.value || !rules.value || !channels.value) throw new ConfigProblems(problems);
  return {
    directory,
    sources: sources.value.sources.map(toSource),
    rules: rules.value.rules.map(toRule),
    channels: channels.value.channels.map(toChannel),
    routes: channels.value.routes,
  };
}

/** A folder with nothing of ours in it was probably not meant: everything in it would be read from the shipped files. */
function holdsConfig(directory: string): boolean {
  return CONFIG_FILES.some((name) => existsSync(join(directory, name)));
}

function read<S extends z.ZodType>(schema: S, path: string): YamlReading<z.output<S>> {
  try {
    return readYaml(schema, readFileSync(path, 'utf8'), path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new ConfigProblems([
      {
        file: path,
        line: null,
        column: null,
        path: '',
        message: `cannot be read (${code})`,
        value: null,
        nearest: null,
      },
    ]);
  }
}

type SourceInput = z.output<typeof sourcesFile>['sources'][number];

function toSource(source: SourceInput): SourceConfig {
  return {
    id: source.id,
    name: source.name,
    country: source.country,
    language: source.language,
    bloc: source.bloc,
    family: source.family ?? source.id,
    timezone: source.timezone,
    feeds: source.feeds.map((feed): FeedConfig => {
      const options: FeedConfig['options'] = {};
      if (feed.user_agent !== undefined) options.userAgent = feed.user_agent;
      if (feed.insecure_tls !== undefined) options.insecureTls = feed.insecure_tls;
      if (feed.list !== undefined) options.list = feed.list;
      return { id: feed.id, url: feed.url, kind: feed.kind, everySeconds: feed.every, options };
    }),
  };
}

function toRule({
  id,
  kind,
  scope,
  severity,
  note: _,
  ...params
}: z.output<typeof rulesFile>['rules'][number]): RuleConfig {
  return { id, kind, scope, severity, params };
}

function toChannel({ id, kind, ...params }: z.output<typeof channelsFile>['channels'][number]): ChannelConfig {
  return { id, kind, params };
}

/** All that is wrong with the text of a `sources.yaml`, and its sources when nothing is. */
export function checkSources(text: string, file: string): { problems: ConfigProblem[]; sources: SourceConfig[] } {
  const reading = readYaml(sourcesFile, text, file);
  const problems = [...reading.problems, ...duplicatesInSources(reading)];
  return { problems, sources: problems.length === 0 ? (reading.value?.sources ?? []).map(toSource) : [] };
}

type Raw = Record<string, unknown> | null | undefined;
const rows = (value: unknown, key: string): Raw[] => {
  const found = (value as Raw)?.[key];
  return Array.isArray(found) ? (found as Raw[]) : [];
};

/** Works on the text as written, so that doubles are told together with everything else that is wrong. */
function duplicatesInSources({ raw, problemAt }: YamlReading<unknown>): ConfigProblem[] {
  const seen = {
    source: new Map<unknown, string>(),
    feed: new Map<unknown, string>(),
    url: new Map<unknown, string>(),
  };
  const problems: ConfigProblem[] = [];
  const once = (where: Map<unknown, string>, value: unknown, path: PropertyKey[], what: string, first: string) => {
    if (typeof value !== 'string') return;
    const before = where.get(value);
    if (before === undefined) where.set(value, first);
    else problems.push(problemAt(path, `${what} ${show(value)} is already used by ${before}`, { value }));
  };
  rows(raw, 'sources').forEach((source, s) => {
    once(seen.source, source?.id, ['sources', s, 'id'], 'id', `sources[${s}]`);
    rows(source, 'feeds').forEach((feed, f) => {
      const place = `sources[${s}].feeds[${f}]`;
      const path = ['sources', s, 'feeds', f];
      once(seen.feed, feed?.id, [...path, 'id'], 'id', place);
      once(seen.url, feed?.url, [...path, 'url'], 'URL', typeof feed?.id === 'string' ? `feed "${feed.id}"` : place);
    });
  });
  return problems;
}

function checkSelectors({ raw, problemAt }: YamlReading<unknown>, { isSelector }: Known): ConfigProblem[] {
  if (!isSelector) return [];
  return rows(raw, 'sources').flatMap((source, s) =>
    rows(source, 'feeds').flatMap((feed, f) =>
      Object.entries((feed?.list as Raw) ?? {}).flatMap(([part, selector]) => {
        if (typeof selector !== 'string' || isSelector(selector)) return [];
        const path = ['sources', s, 'feeds', f, 'list', part];
        return [problemAt(path, `not a selector that can be used: ${show(selector)}`, { value: selector })];
      }),
    ),
  );
}

/** Values of a scope or match that the codebook does not know. */
function checkScope(
  scope: unknown,
  path: PropertyKey[],
  known: Known,
  problemAt: YamlReading<unknown>['problemAt'],
): ConfigProblem[] {
  const allowed: Record<string, readonly string[] | undefined> = {
    dyad: known.codebook?.dyads,
    domain: known.codebook?.domains.map((domain) => domain.name),
    indicator: known.codebook?.indicators.map((indicator) => indicator.id),
    status: STATUSES,
    bloc: BLOCS,
    severity: SEVERITIES,
  };
  return Object.entries((scope as Raw) ?? {}).flatMap(([key, given]) => {
    const words = allowed[key];
    if (!words) return [];
    const list = Array.isArray(given) ? given : [given];
    return list.flatMap((value, index) => {
      if (typeof value !== 'string' || words.includes(value)) return [];
      const meant = nearestValue(value, words);
      const hint = meant ? `did you mean "${meant}"?` : `allowed: ${words.join(', ')}`;
      const at = Array.isArray(given) ? [...path, key, index] : [...path, key];
      return [problemAt(at, `unknown ${key} ${show(value)}: ${hint}`, { value, nearest: meant })];
    });
  });
}

/** Mistakes in what stands beside the common keys, by the schema of the kind. */
function checkKind(
  entry: Record<string, unknown>,
  common: string[],
  path: PropertyKey[],
  kinds: Record<string, z.ZodType> | undefined,
  problemAt: YamlReading<unknown>['problemAt'],
): ConfigProblem[] {
  if (!kinds || typeof entry.kind !== 'string') return [];
  const schema = Object.hasOwn(kinds, entry.kind) ? kinds[entry.kind] : undefined;
  if (!schema) {
    const names = Object.keys(kinds);
    const meant = nearestValue(entry.kind, names);
    const hint = meant ? `did you mean "${meant}"?` : `known kinds: ${names.join(', ')}`;
    return [
      problemAt([...path, 'kind'], `unknown kind ${show(entry.kind)}: ${hint}`, { value: entry.kind, nearest: meant }),
    ];
  }
  const params = Object.fromEntries(Object.entries(entry).filter(([key]) => !common.includes(key)));
  return problemsOf(schema, params, path, problemAt);
}

function checkRules({ raw, problemAt }: YamlReading<unknown>, known: Known): ConfigProblem[] {
  const seen = new Set<unknown>();
  return rows(raw, 'rules').flatMap((rule, index) => {
    if (rule === null || typeof rule !== 'object') return [];
    const path = ['rules', index];
    const double = typeof rule.id === 'string' && seen.has(rule.id);
    seen.add(rule.id);
    return [
      ...(double ? [problemAt([...path, 'id'], `id ${show(rule.id)} is used twice`, { value: rule.id })] : []),
      ...checkScope(rule.scope, [...path, 'scope'], known, problemAt),
      ...checkKind(rule, ['id', 'kind', 'scope', 'severity', 'note'], path, RULE_PARAMS, problemAt),
    ];
  });
}

function checkChannels({ raw, problemAt }: YamlReading<unknown>, known: Known): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const ids: string[] = [];
  rows(raw, 'channels').forEach((channel, index) => {
    if (channel === null || typeof channel !== 'object') return;
    const path = ['channels', index];
    if (typeof channel.id === 'string') {
      if (ids.includes(channel.id))
        problems.push(problemAt([...path, 'id'], `id ${show(channel.id)} is used twice`, { value: channel.id }));
      ids.push(channel.id);
    }
    problems.push(...checkKind(channel, ['id', 'kind'], path, known.channelKinds, problemAt));
  });
  const routes = rows(raw, 'routes');
  routes.forEach((route, index) => {
    problems.push(...checkScope(route?.match, ['routes', index, 'match'], known, problemAt));
    rows(route, 'channels').forEach((given: unknown, at) => {
      if (typeof given !== 'string' || ids.includes(given)) return;
      const meant = nearestValue(given, ids);
      const hint = meant
        ? `did you mean "${meant}"?`
        : ids.length > 0
          ? `channels: ${ids.join(', ')}`
          : 'there are none';
      problems.push(
        problemAt(['routes', index, 'channels', at], `unknown channel ${show(given)}: ${hint}`, {
          value: given,
          nearest: meant,
        }),
      );
    });
    if (isDefault(route) && route?.continue !== true && index < routes.length - 1)
      problems.push(problemAt(['routes', index], 'this route takes every alert: those after it are never reached'));
  });
  if (ids.length > 0 && !routes.some(isDefault)) {
    const message = 'a default route is required: the last one without "match", so that no alert is lost';
    problems.push(problemAt(['routes'], message));
  }
  return problems;
}

const isDefault = (route: Raw): boolean =>
  route !== null && typeof route === 'object' && Object.keys((route.match as Raw) ?? {}).length === 0;
