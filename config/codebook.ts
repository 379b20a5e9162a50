import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Document, isCollection, isScalar, LineCounter, parseDocument } from 'yaml';
import { ZodError } from 'zod';
import { type Codebook, dyadOf, type Indicator } from '../core/codebook/codebook.js';
import type { CodebookData, Forms, GazetteerEntry, LexiconTerms, Pattern } from '../core/codebook/data.js';
import { Failure } from '../core/errors.js';
import { type CodebookFile, codebookFileSchema } from './codebook-schema.js';
import { nearest } from './nearest.js';

type Path = ReadonlyArray<PropertyKey>;

/** One mistake in a codebook folder, at the place where an analyst must look. */
export interface CodebookProblem {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** All mistakes of a codebook folder at once. */
export class CodebookProblems extends Failure {
  constructor(readonly problems: CodebookProblem[]) {
    super('invalid-config', problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.message}`).join('\n'));
  }
}

interface Source {
  file: string;
  doc(): Document.Parsed;
  lines: LineCounter;
  value: CodebookFile;
}

/**
 * Reads a codebook folder: every `*.yaml` in it, each holding any of the known sections. Members, domains, indicators,
 * languages, phrases and patterns come from these files alone. The version is the number in `codebook.version` and a hash of
 * the content of all files, so that two installations with one version code alike.
 * @throws {CodebookProblems} with file, line and column of every mistake.
 */
export function loadCodebook(dir: string): { codebook: Codebook; data: CodebookData } {
  const problems: CodebookProblem[] = [];
  const files = listYaml(dir);
  if (files.length === 0) throw new CodebookProblems([at(dir, 1, 1, 'no .yaml file of a codebook in this folder')]);
  const hash = createHash('sha256');
  const sources: Source[] = [];
  for (const path of files) {
    const file = relative(dir, path);
    const text = readFileSync(path, 'utf8');
    hash.update(`${file.replaceAll('\\', '/')}\n${text}\n`);
    const source = readSource(file, text, problems);
    if (source) sources.push(source);
  }
  if (problems.length > 0) throw new CodebookProblems(problems);
  const data = assemble(sources, hash.digest('hex').slice(0, 8), problems);
  if (problems.length > 0) throw new CodebookProblems(problems);
  return { codebook: data.codebook, data };
}

function listYaml(dir: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw new CodebookProblems([at(dir, 1, 1, `cannot read this codebook folder: ${(error as Error).message}`)]);
  }
  return entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const at = (file: string, line: number, column: number, message: string): CodebookProblem => ({
  file,
  line,
  column,
  message,
});

function readSource(file: string, text: string, problems: CodebookProblem[]): Source | null {
  const lines = new LineCounter();
  let document: Document.Parsed | null = null;
  const doc = (): Document.Parsed => {
    document ??= parseDocument(text, { lineCounter: lines });
    return document;
  };
  // Large tables are kept as JSON, which is read a hundred times faster; positions are needed only when something is wrong.
  if (file.endsWith('.json')) {
    const value = readJson(text);
    if (value !== null) return { file, doc, lines, value };
  }
  for (const error of doc().errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push(at(file, line, col, error.message.split('\n')[0] ?? 'not YAML'));
  }
  if (doc().errors.length > 0) return null;
  const raw: unknown = doc().toJS() ?? {};
  const parsed = codebookFileSchema.safeParse(raw);
  if (parsed.success) return { file, doc, lines, value: parsed.data };
  for (const issue of parsed.error.issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    if (keys.length > 0) {
      for (const key of keys) {
        const known = issue.path.length === 0 ? nearest(key, Object.keys(codebookFileSchema.shape)) : null;
        const hint = known ? `, perhaps "${known}"` : '';
        problems.push(locate({ file, doc, lines }, [...issue.path, key], `unknown key "${key}"${hint}`));
      }
    } else {
      const found = valueAt(raw, issue.path);
      const options = issue.code === 'invalid_value' ? issue.values.map(String) : [];
      const near = typeof found === 'string' ? nearest(found, options) : null;
      const hint = near ? `, perhaps "${near}"` : '';
      const shown = found === undefined ? '' : ` (is ${JSON.stringify(found).slice(0, 60)})`;
      problems.push(
        locate(
          { file, doc, lines },
          issue.path,
          `${issue.path.map(String).join('.')}: ${issue.message}${shown}${hint}`,
        ),
      );
    }
  }
  return null;
}

function readJson(text: string): CodebookFile | null {
  try {
    return codebookFileSchema.parse(JSON.parse(text));
  } catch (error) {
    // Read again as YAML, which says where the mistake is.
    if (error instanceof SyntaxError || error instanceof ZodError) return null;
    throw error;
  }
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of path)
    here = here === null || here === undefined ? undefined : (here as Record<PropertyKey, unknown>)[key];
  return here;
}

function locate(source: Pick<Source, 'file' | 'doc' | 'lines'>, path: Path, message: string): CodebookProblem {
  // The deepest node of the path that exists: a missing key is reported at the place where it is missing.
  for (let depth = path.length; depth >= 0; depth--) {
    const node = source.doc().getIn(path.slice(0, depth), true);
    if ((isScalar(node) || isCollection(node)) && node.range) {
      const { line, col } = source.lines.linePos(node.range[0]);
      return at(source.file, line, col, message);
    }
  }
  return at(source.file, 1, 1, message);
}

function assemble(sources: Source[], hash: string, problems: CodebookProblem[]): CodebookData {
  const report = (source: Source, path: Path, message: string) => problems.push(locate(source, path, message));
  const known = (source: Source, path: Path, what: string, value: string, allowed: Iterable<string>) => {
    const near = nearest(value, allowed);
    report(source, path, `unknown ${what} "${value}"${near ? `, perhaps "${near}"` : ''}`);
  };
  const list = <K extends 'members' | 'domains' | 'indicators' | 'gazetteer' | 'patterns'>(key: K) =>
    sources.flatMap((source) =>
      (source.value[key] ?? []).map((value, index) => ({
        source,
        path: [key, index] as Path,
        value: value as NonNullable<CodebookFile[K]>[number],
      })),
    );

  const members = list('members');
  const memberCodes = new Set(members.map((m) => m.value.code));
  const domains = list('domains');
  const domainCodes = new Map(domains.map((d) => [d.value.code, d.value.name]));
  if (members.length < 2) problems.push(at('codebook.yaml', 1, 1, 'a codebook needs at least two members'));
  if (domains.length < 1) problems.push(at('codebook.yaml', 1, 1, 'a codebook needs at least one domain'));

  const indicators: Indicator[] = [];
  const severity: CodebookData['severity'] = {};
  const guidance: CodebookData['guidance'] = {};
  for (const { source, path, value } of list('indicators')) {
    const prefix = value.id.split('.')[0] ?? '';
    if (!domainCodes.has(value.domain)) known(source, [...path, 'domain'], 'domain', value.domain, domainCodes.keys());
    else if (prefix !== value.domain)
      report(source, [...path, 'id'], `"${value.id}" does not begin with its domain "${value.domain}"`);
    if (severity[value.id]) report(source, [...path, 'id'], `indicator "${value.id}" is defined twice`);
    severity[value.id] = value.severity;
    guidance[value.id] = { include: value.include, exclude: value.exclude, boundary: value.boundary };
    const { id, title, polarity, direction, definition } = value;
    indicators.push({
      id,
      title,
      domain: domainCodes.get(value.domain) ?? value.domain,
      polarity,
      direction,
      definition,
    });
    for (const [i, example] of value.examples.entries())
      for (const who of example.who)
        if (!memberCodes.has(who)) known(source, [...path, 'examples', i, 'who'], 'member', who, memberCodes);
  }
  const indicatorIds = new Set(indicators.map((i) => i.id));

  const concepts: Record<string, Forms> = {};
  const cues: Record<string, Forms> = {};
  const lexicon: Record<string, LexiconTerms> = {};
  const irregularVerbs: Record<string, string[]> = {};
  const masks: Record<string, string[]> = {};
  let priority: string[] = [];
  let settings: CodebookData['settings'] | null = null;
  let grammar = NO_GRAMMAR;
  let version = '0';
  const rules: CodebookData['rules'] = [];
  let weights: Record<string, unknown> = {};
  for (const source of sources) {
    const file = source.value;
    version = file.codebook?.version ?? version;
    for (const [name, forms] of Object.entries(file.concepts ?? {})) concepts[name] = mergeForms(concepts[name], forms);
    for (const [name, cue] of Object.entries(file.cues ?? {})) {
      const forms = Object.fromEntries(
        Object.entries(cue).filter(([key, value]) => key !== 'rule' && Array.isArray(value)),
      );
      cues[name] = mergeForms(cues[name], forms as Forms);
    }
    for (const [id, terms] of Object.entries(file.lexicon ?? {})) {
      if (!indicatorIds.has(id)) known(source, ['lexicon', id], 'indicator', id, indicatorIds);
      lexicon[id] = splitTerms(terms);
    }
    Object.assign(irregularVerbs, file.irregular_verbs);
    Object.assign(masks, file.masks);
    rules.push(...(file.general_rules ?? []), ...(file.edge_rules ?? []));
    weights = { ...weights, ...file.weights };
    for (const [i, id] of (file.priority ?? []).entries())
      if (!indicatorIds.has(id)) known(source, ['priority', i], 'indicator', id, indicatorIds);
    priority = [...priority, ...(file.priority ?? [])];
    if (file.coder) {
      const { near_miss, ...rest } = file.coder;
      settings = { ...rest, nearMiss: near_miss };
    }
    if (file.grammar) {
      const { before_attached, after_attached, ...rest } = file.grammar;
      grammar = { ...rest, beforeAttached: before_attached, afterAttached: after_attached };
    }
  }

  const gazetteer = list('gazetteer').map(({ source, path, value }): GazetteerEntry => {
    const { id, member, kind, ambig, context, from, until, note: _, ...languages } = value;
    if (member !== null && !memberCodes.has(member)) known(source, [...path, 'member'], 'member', member, memberCodes);
    for (const key of Object.keys(languages))
      if (!/^[a-z]{2}$/.test(key))
        report(source, [...path, key], `unknown key "${key}" (a language is two small letters)`);
    const forms = new Set(Object.values(languages as Forms).flat());
    for (const form of ambig) if (!forms.has(form)) known(source, [...path, 'ambig'], 'form in ambig', form, forms);
    return { id, member, kind, forms: languages as Forms, ambig, context, from, until };
  });

  const conceptNames = new Set([...Object.keys(concepts), ...Object.keys(cues)]);
  const patternIds = new Set<string>();
  const patterns = list('patterns').map(({ source, path, value }): Pattern => {
    if (!indicatorIds.has(value.indicator))
      known(source, [...path, 'indicator'], 'indicator', value.indicator, indicatorIds);
    if (patternIds.has(value.id)) report(source, [...path, 'id'], `pattern "${value.id}" is defined twice`);
    patternIds.add(value.id);
    for (const key of ['all', 'none', 'none_item'] as const)
      for (const [i, group] of value[key].entries())
        for (const name of group.split('|'))
          if (!name.startsWith('@') && !conceptNames.has(name))
            known(source, [...path, key, i], 'concept', name, conceptNames);
    const { none_item, ...rest } = value;
    return { ...rest, noneItem: none_item };
  });

  const codes = [...memberCodes].sort();
  const codebook: Codebook = {
    version: `${version}+${hash}`,
    members: members.map(({ value: { code, name, country } }) => ({ code, name, country })),
    domains: domains.map((d) => d.value),
    indicators,
    dyads: codes.flatMap((a, i) => codes.slice(i + 1).map((b) => dyadOf(a, b))),
  };
  return {
    codebook,
    members: members.map((m) => m.value),
    gazetteer,
    lexicon,
    cues,
    concepts,
    patterns,
    priority: priority.length > 0 ? priority : indicators.map((i) => i.id),
    irregularVerbs,
    masks,
    rules,
    severity,
    guidance,
    weights,
    settings: settings ?? DEFAULT_SETTINGS,
    grammar,
    model: sources.map((source) => source.value.model).find((model) => model !== undefined) ?? null,
  };
}

/** Used by a codebook folder that brings no `coder` section of its own. */
const DEFAULT_SETTINGS: CodebookData['settings'] = {
  threshold: 0.5,
  nearMiss: 0.25,
  links: {},
  dampers: [],
  public: [],
  severity: {},
  calibration: { intercept: 0, slope: 1 },
};

/** A codebook folder without a `grammar` section is read without small words. */
const NO_GRAMMAR: CodebookData['grammar'] = {
  before: {},
  beforeAttached: {},
  afterAttached: {},
  skipped: {},
  possessive: {},
  scales: {},
};

function mergeForms(a: Forms | undefined, b: Forms): Forms {
  const out: Forms = { ...a };
  for (const [lang, forms] of Object.entries(b)) out[lang] = [...(out[lang] ?? []), ...forms];
  return out;
}

/** `en_verbs` and `en_nouns` are apart; a plain language key holds words of both kinds. */
function splitTerms(terms: Record<string, string[]>): LexiconTerms {
  const verbs: Forms = {};
  const nouns: Forms = {};
  for (const [key, forms] of Object.entries(terms)) {
    const [lang = '', kind] = key.split('_');
    (kind === 'verbs' ? verbs : nouns)[lang] = forms;
  }
  return { verbs, nouns };
}
