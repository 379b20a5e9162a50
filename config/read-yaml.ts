import { isMap, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearestValue } from '../core/nearest.js';
import type { ConfigProblem } from './problem.js';

/** A file of ours is thousands of lines at most; what is bigger is no configuration. */
const MAX_CHARACTERS = 32_000_000;

type Path = ReadonlyArray<PropertyKey>;

export interface YamlReading<T> {
  /** The checked value; null when there are problems. */
  value: T | null;
  problems: ConfigProblem[];
  /** The plain value as written, for checks across parts. */
  raw: unknown;
  /** A problem at a place of this file, for checks that a schema cannot express. */
  problemAt(
    path: Path,
    message: string,
    more?: { value?: unknown; nearest?: string | null; key?: string },
  ): ConfigProblem;
}

/**
 * Reads YAML and checks it against a zod schema. Never throws: every mistake of syntax or content comes back as a problem with
 * its line and column. An empty document reads as `{}`.
 */
export function readYaml<S extends z.ZodType>(schema: S, text: string, file: string): YamlReading<z.output<S>> {
  const lines = new LineCounter();
  const tooBig = text.length > MAX_CHARACTERS;
  const document = parseDocument(tooBig ? '' : text, { lineCounter: lines, prettyErrors: false });

  const place = (offset: number | undefined) => {
    if (offset === undefined) return { line: 1, column: 1 };
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };

  /** Where a path stands: its value, its key when `key` names one of its children, else the nearest parent that exists. */
  const offsetOf = (path: Path, key?: string): number | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (length === path.length && key !== undefined && isMap(node)) {
        const pair = node.items.find((item) => String(item.key) === key);
        const range = (pair?.key as { range?: number[] } | undefined)?.range;
        if (range) return range[0];
      }
      const range = (node as { range?: number[] } | null | undefined)?.range;
      if (range) return range[0];
    }
    return undefined;
  };

  const problemAt: YamlReading<unknown>['problemAt'] = (path, message, more = {}) => ({
    file,
    ...place(offsetOf(path, more.key)),
    path: writePath(path),
    message,
    value: more.value ?? null,
    nearest: more.nearest ?? null,
  });

  if (tooBig) {
    const problem = { file, line: null, column: null, path: '', message: 'is too big', value: null, nearest: null };
    return { value: null, problems: [problem], raw: null, problemAt };
  }
  const broken = document.errors.map((error) => ({
    file,
    ...place(error.pos[0]),
    path: '',
    message: error.message,
    value: null,
    nearest: null,
  }));
  if (broken.length > 0) return { value: null, problems: broken, raw: null, problemAt };

  let raw: unknown;
  try {
    raw = document.toJS() ?? {};
  } catch (error) {
    // Too many aliases: an entity bomb in YAML's clothes.
    const message = error instanceof Error ? error.message : String(error);
    return { value: null, problems: [problemAt([], message)], raw: null, problemAt };
  }
  const checked = schema.safeParse(raw, { reportInput: true });
  if (checked.success) return { value: checked.data, problems: [], raw, problemAt };
  const problems = checked.error.issues.flatMap((issue) => tell(schema, issue, raw, problemAt));
  return { value: null, problems, raw, problemAt };
}

/** Mistakes of a part of the file that has a schema of its own, e.g. the parameters of a rule's kind. */
export function problemsOf(
  schema: z.ZodType,
  value: unknown,
  base: Path,
  problemAt: YamlReading<unknown>['problemAt'],
): ConfigProblem[] {
  const checked = schema.safeParse(value, { reportInput: true });
  if (checked.success) return [];
  return checked.error.issues.flatMap((issue) =>
    tell(schema, issue, value, (path, message, more) => problemAt([...base, ...path], message, more)),
  );
}

/** One problem per mistake, in our words. */
function tell(
  schema: z.ZodType,
  issue: z.core.$ZodIssue,
  raw: unknown,
  problemAt: YamlReading<unknown>['problemAt'],
): ConfigProblem[] {
  const { path } = issue;
  const value = valueAt(raw, path);
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, path);
    return issue.keys.map((key) => {
      const meant = nearestValue(key, allowed);
      const hint = meant ? `did you mean "${meant}"?` : `known keys: ${allowed.join(', ')}`;
      return problemAt(path, `Unrecognized key "${key}": ${hint}`, { key, value: key, nearest: meant });
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The branch that came furthest is the one that was meant.
    const best = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    return best.flatMap((inner) => tell(schema, { ...inner, path: [...path, ...inner.path] }, raw, problemAt));
  }
  if (value === undefined) {
    const key = String(path.at(-1) ?? '');
    return [problemAt(path, `"${key}" is required`)];
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    // A number in quotation marks is a word to YAML.
    const bare = issue.values.find((known) => typeof known !== 'string' && String(known) === value);
    const meant = typeof value === 'string' && bare === undefined ? nearestValue(value, allowed) : null;
    const hint =
      bare !== undefined
        ? 'write it without quotation marks'
        : meant
          ? `did you mean "${meant}"?`
          : `allowed: ${allowed.join(', ')}`;
    return [problemAt(path, `unknown value ${show(value)}: ${hint}`, { value, nearest: meant })];
  }
  // A check that speaks for itself carries `params`: whether to show the value (it may be a secret) and what was meant.
  const params = issue.code === 'custom' ? ((issue.params ?? {}) as { hide?: boolean; nearest?: string }) : {};
  const got = issue.code === 'custom' || typeof value === 'object' ? '' : ` (got ${show(value)})`;
  return [
    problemAt(path, `${issue.message}${got}`, {
      value: params.hide ? null : value,
      nearest: params.nearest ?? null,
    }),
  ];
}

/** `['sources', 0, 'url']` as `sources[0].url`. */
export function writePath(path: Path): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** A value in a message: quoted when it is text, cut at 80 characters. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    raw,
  );
}

/** Keys that the schema knows at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let at: unknown = schema;
  for (const key of path) {
    at = unwrap(at);
    const { shape, element, valueType } = at as {
      shape?: Record<PropertyKey, unknown>;
      element?: unknown;
      valueType?: unknown;
    };
    at = shape?.[key] ?? element ?? valueType;
  }
  return Object.keys((unwrap(at) as { shape?: object } | undefined)?.shape ?? {});
}

function unwrap(schema: unknown): unknown {
  let at = schema as { def?: { type: string; innerType?: unknown; in?: unknown } } | undefined;
  while (at?.def?.innerType !== undefined || at?.def?.in !== undefined)
    at = (at.def.innerType ?? at.def.in) as typeof at;
  return at;
}
