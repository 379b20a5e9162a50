import type { Clock } from '../../activities/deps.js';
import { BLOCS } from '../../config/schema.js';
import type { Config } from '../../config/types.js';
import type { Codebook } from '../../core/codebook/codebook.js';
import type { CodebookData } from '../../core/codebook/data.js';
import type { ParameterProblem, Parameters } from '../../core/trends/parameters.js';
import type { Vocabulary } from '../../core/trends/vocabulary.js';
import type { Sql } from '../../db/client.js';

/** What it takes to answer a question, the same for the HTTP API, the pages and the command line. */
export interface AskContext {
  sql: Sql;
  config: Pick<Config, 'sources'>;
  codebook: Codebook;
  /** What the coder needs of the codebook; decisions of people and their queue need it, too. */
  data?: CodebookData;
  /** Coder and version that label now, e.g. `rules 1.0`. */
  coderVersion: string;
  clock: Clock;
  /** Version of the program. */
  version: string;
}

/** An answer, or what is wrong with the question. */
export type Asked<B> =
  | { kind: 'answer'; body: B }
  | { kind: 'invalid'; problems: ParameterProblem[] }
  | { kind: 'missing'; detail: string };

/** One noun of the API. The command of the same name prints the same body. */
export interface Question<B> {
  parameters: readonly string[];
  ask(context: AskContext, parameters: Parameters): Promise<Asked<B>>;
  /** Columns of the CSV, in order. */
  columns: readonly string[];
  /** The body as rows of that table. */
  rows(body: B): Array<Record<string, string | number | boolean | null>>;
}

/** Values that questions may name in this installation. */
export function vocabularyOf({ codebook, config }: AskContext): Vocabulary {
  const sorted = (values: Array<string | null>) =>
    [...new Set(values.filter((value): value is string => value !== null))].sort();
  return {
    codebook,
    blocs: [...BLOCS],
    languages: sorted(config.sources.map((source) => source.language)),
    sources: sorted(config.sources.map((source) => source.id)),
    feeds: sorted(config.sources.flatMap((source) => source.feeds.map((feed) => feed.id))),
  };
}

/** ISO 8601 in UTC with `Z`, as everywhere; null stays null. */
export function isoTime(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
