import { z } from 'zod';
import { STATUSES } from '../core/codebook/codebook.js';
import type { NetData, SuggestionsData } from '../core/codebook/data.js';

const hasWholeBraces = (phrase: string): boolean => phrase.split('{').length === phrase.split('}').length;

/** A list of phrases, or one text in which commas and line ends part them. */
const phraseList = z.union([
  z.array(z.string().min(1)),
  z
    .string()
    .transform((text) =>
      text
        .split(/[,،、\n]/)
        .map((phrase) => phrase.trim())
        .filter((phrase) => phrase !== ''),
    )
    .refine((phrases) => phrases.every(hasWholeBraces), {
      error: ({ input }) =>
        `commas part phrases also within braces; write {one|other}: ${(input as string[]).find((p) => !hasWholeBraces(p))}`,
    }),
]);

/** Lists of surface forms by language; a language is any ISO 639-1 code. */
const formsSchema = z.record(z.string().regex(/^[a-z]{2}$/, 'a language is two small letters'), phraseList);

const idSchema = z.string().regex(/^[a-z]+\.[a-z0-9-]+$/, 'an indicator is DOMAIN.NAME in small letters');
const severityText = z.record(z.string().regex(/^[1-5]$/), z.string());

const indicatorSchema = z.strictObject({
  id: idSchema,
  title: z.string().min(1),
  domain: z.string(),
  polarity: z.literal([1, -1]),
  direction: z.enum(['directed', 'mutual', 'either']),
  definition: z.string().min(1),
  report_basis: z.string().optional(),
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  boundary: z.array(z.string()).default([]),
  severity: severityText.default({}),
  examples: z
    .array(
      z.strictObject({
        date: z.string(),
        who: z.array(z.string()),
        status: z.enum(STATUSES),
        sev: z.number().int().min(1).max(5),
        what: z.string(),
      }),
    )
    .default([]),
  negatives: z.array(z.string()).default([]),
  crosswalk: z.record(z.string(), z.array(z.string())).default({}),
});

/** A gazetteer line keeps its languages beside its other keys, as analysts write it; `languagesOf` tells them apart. */
const gazetteerSchema = z
  .object({
    id: z.string().min(1),
    member: z.string().nullable(),
    kind: z.string().min(1),
    ambig: z.array(z.string()).default([]),
    context: z.array(z.string()).default([]),
    note: z.string().optional(),
    from: z
      .string()
      .regex(/^\d{4}(-\d\d){0,2}$/, 'a date is YYYY, YYYY-MM or YYYY-MM-DD')
      .nullable()
      .default(null),
    until: z
      .string()
      .regex(/^\d{4}(-\d\d){0,2}$/, 'a date is YYYY, YYYY-MM or YYYY-MM-DD')
      .nullable()
      .default(null),
  })
  .catchall(z.array(z.string()));

const lexiconSchema = z.record(idSchema, z.record(z.string().regex(/^[a-z]{2}(_verbs|_nouns)?$/), z.array(z.string())));
const cueSchema = z.record(z.string().regex(/^([a-z]{2}|rule)$/), z.union([z.array(z.string()), z.string()]));

const patternSchema = z.strictObject({
  id: z.string().min(1),
  indicator: idSchema,
  all: z.array(z.string().min(1)).min(1).max(5),
  none: z.array(z.string()).default([]),
  none_item: z.array(z.string()).default([]),
  scope: z.enum(['clause', 'sentence', 'item']).default('sentence'),
  grouping: z.enum(['pair', 'joint', 'directed', 'star']).default('pair'),
  near: z.number().int().min(0).default(0),
  kinds: z.array(z.string()).default([]),
  weight: z.number().min(0).max(1),
  status: z.enum(STATUSES).nullable().default(null),
  severity: z.number().int().min(1).max(5).nullable().default(null),
  direction: z.enum(['>', '<', '=']).nullable().default(null),
  flags: z.array(z.string()).default([]),
});

const settingsSchema = z.strictObject({
  threshold: z.number().min(0).max(1),
  near_miss: z.number().min(0).max(1),
  /** Least confidence to be counted, to be counted as the likeliest of its members, to raise an alert for rules that ask, and to need no look by a person. */
  thresholds: z
    .strictObject({
      series: z.number().min(0).max(1).optional(),
      first: z.number().min(0).max(1).optional(),
      alert: z.number().min(0).max(1).optional(),
      review: z.number().min(0).max(1).optional(),
    })
    .refine(({ series = 0, first = series }) => first >= series, {
      path: ['first'],
      message: 'lies below series: then it asks for nothing',
    })
    .refine(({ series = 0, alert = series }) => alert >= series, {
      path: ['alert'],
      message: 'lies below series: such labels are not stored',
    })
    .refine(({ series = 0, review = series }) => review >= series, {
      path: ['review'],
      message: 'lies below series: such labels are not stored',
    })
    .optional(),
  links: z.record(z.string(), z.number().min(0).max(1.5)),
  /** Factors on a label when a cue concept stands in its sentence or anywhere in the item. */
  dampers: z
    .array(
      z.strictObject({
        id: z.string(),
        cue: z.string(),
        unless: z.array(z.string()).default([]),
        scope: z.enum(['clause', 'sentence', 'title', 'item']),
        least: z.number().int().min(1).default(1),
        factor: z.number().min(0).max(1.5),
        except: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  /** Indicators whose acts happen in public: a report of them is no allegation. */
  public: z.array(z.string()).default([]),
  /** Severity of an act of which the text says no more, by indicator; else 2. */
  severity: z.record(z.string(), z.number().int().min(1).max(5)).default({}),
  calibration: z.strictObject({ intercept: z.number(), slope: z.number() }),
});

const partsSchema = z.record(z.string(), z.record(z.string(), z.array(z.string().min(1)))).default({});

const grammarSchema = z.strictObject({
  before: partsSchema,
  before_attached: partsSchema,
  after_attached: partsSchema,
  skipped: z.record(z.string(), z.array(z.string())).default({}),
  possessive: z.record(z.string(), z.array(z.string())).default({}),
  scales: z.record(z.string(), z.record(z.string(), z.number().positive())).default({}),
});

/** Numbers in a packed row. */
const countOf = (row: string) => Buffer.byteLength(row.slice(row.indexOf(' ') + 1), 'base64');

function checkRows(context: z.RefinementCtx, key: string, table: Record<string, string>, wanted: number): void {
  for (const [name, row] of Object.entries(table))
    if (countOf(row) !== wanted)
      context.addIssue({ code: 'custom', path: [key, name], message: `has ${countOf(row)} numbers, not ${wanted}` });
}

/** All rows are as wide as the hidden layer, outputs with a bias at their end; `*` answers for new indicators. */
function checkWidths({ bias, rows, outputs }: NetData, context: z.RefinementCtx): void {
  const width = countOf(bias);
  checkRows(context, 'rows', rows, width);
  checkRows(context, 'outputs', outputs, width + 1);
  if (!('*' in outputs)) context.addIssue({ code: 'custom', path: ['outputs'], message: 'lacks "*"' });
}

/** The bias and each row have a number for each indicator. */
function checkSuggestions({ indicators, bias, rows }: SuggestionsData, context: z.RefinementCtx): void {
  const wanted = indicators.length;
  if (countOf(bias) !== wanted)
    context.addIssue({ code: 'custom', path: ['bias'], message: `has ${countOf(bias)} numbers, not ${wanted}` });
  checkRows(context, 'rows', rows, wanted);
}

/** A row of a net: its scale, then one byte a number in base64. */
const packed = z.string().regex(/^\d+(\.\d+)?(e-?\d+)? [A-Za-z0-9+/]*={0,2}$/);

/** Any file of a codebook folder may hold any of these sections; lists and tables of several files are put together. */
export const codebookFileSchema = z.strictObject({
  codebook: z.strictObject({ version: z.string().min(1), title: z.string().default('') }).optional(),
  members: z
    .array(
      z.strictObject({
        code: z.string().regex(/^[A-Z][A-Z0-9]{1,7}$/, 'a member code is 2 to 8 capital letters or digits'),
        name: z.string().min(1),
        country: z
          .string()
          .regex(/^[A-Z]{2}$/, 'a country is an ISO 3166 alpha-2 code')
          .nullable()
          .default(null),
        bloc: z.string().nullable().default(null),
      }),
    )
    .optional(),
  domains: z.array(z.strictObject({ code: z.string().min(1), name: z.string().min(1) })).optional(),
  indicators: z.array(indicatorSchema).optional(),
  gazetteer: z.array(gazetteerSchema).optional(),
  lexicon: lexiconSchema.optional(),
  cues: z.record(z.string(), cueSchema).optional(),
  concepts: z.record(z.string().regex(/^[a-z][a-z0-9_-]*$/), formsSchema).optional(),
  patterns: z.array(patternSchema).optional(),
  /** Concepts whose hits are dropped where a hit of the key covers them: "drone parts" is no drone. */
  masks: z.record(z.string(), z.array(z.string())).optional(),
  irregular_verbs: z.record(z.string(), z.array(z.string())).optional(),
  weights: z.record(z.string(), z.unknown()).optional(),
  edge_rules: z.array(z.strictObject({ id: z.string(), rule: z.string() })).optional(),
  general_rules: z.array(z.strictObject({ id: z.string(), rule: z.string() })).optional(),
  priority: z.array(idSchema).optional(),
  coder: settingsSchema.optional(),
  grammar: grammarSchema.optional(),
  model: z
    .strictObject({
      threshold: z.number().min(0).max(1),
      suggestions: z
        .strictObject({ indicators: z.array(idSchema), bias: packed, rows: z.record(z.string(), packed) })
        .superRefine(checkSuggestions)
        .nullable()
        .default(null),
      weights: z.record(z.string(), z.number()),
      net: z
        .strictObject({ bias: packed, rows: z.record(z.string(), packed), outputs: z.record(z.string(), packed) })
        .superRefine(checkWidths)
        .nullable()
        .default(null),
      choice: z.record(z.string(), z.number()).default({}),
      status: z.record(z.string(), z.record(z.string(), z.number())).default({}),
      severity: z.record(z.string(), z.record(z.string(), z.number())).default({}),
    })
    .optional(),
});

export type CodebookFile = z.infer<typeof codebookFileSchema>;
