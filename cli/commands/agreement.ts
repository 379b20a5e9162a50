import { Command } from 'commander';
import { createRulesCoder } from '../../core/coder/rules-coder.js';
import { Failure } from '../../core/errors.js';
import { type Agreement, type AgreementRow, compareCoders, type Example } from '../../core/second-coder/agreement.js';
import { listAnswered, listOpinionists, type OpinionistRow } from '../../db/opinions.js';
import { showDyad } from '../../server/words.js';
import { screenOf } from '../ask.js';
import { type Io, UsageError } from '../io.js';
import { type OpenContext, withContext } from '../open-context.js';
import { explainSilence } from '../second-coder-lines.js';
import { cleanText, cutText, renderTable } from '../table.js';

interface AgreementOptions {
  json?: boolean;
  model?: string;
  examples: string;
}

interface Compared {
  who: OpinionistRow;
  coder: { version: string; codebookVersion: string };
  agreement: Agreement;
}

/** Most opinions that are compared, the newest. */
const MAX_OPINIONS = 100_000;

/** `axiswatch agreement`: how far the rules and the second coder agree on the items that both have coded. */
export function build(io: Io): Command {
  return new Command('agreement')
    .description('How far the rules and the second coder agree, by indicator, pair and domain.')
    .option('--model <name>', 'the model to compare with; default: the last one asked')
    .option('--examples <n>', 'items shown on which they differ, of each kind', '5')
    .option('--json', 'everything as JSON')
    .action(async (options: AgreementOptions) => {
      const examples = Number(options.examples);
      if (!Number.isInteger(examples) || examples < 0 || examples > 1000)
        throw new UsageError(`agreement: --examples takes a whole number from 0 to 1000 (got "${options.examples}")`);
      const text = await withContext(io, 'axiswatch agreement', async (context) => {
        const compared = await compare(context, options.model, examples);
        return options.json ? renderAgreement(compared) : showAgreement(compared, screenOf(io).width);
      });
      io.out.write(text);
    });
}

/** The rules of today over the very texts that were given to the second coder: a later codebook is compared as it is now. */
async function compare(
  { sql, env, data, codebook }: OpenContext,
  model: string | undefined,
  examples: number,
): Promise<Compared> {
  const known = await listOpinionists(sql);
  // The caller did nothing wrong, whatever model was named: there is none to name.
  if (known.length === 0) throw new Failure('unavailable', await explainSilence(sql, env.secondCoder, new Date()));
  const who = known.find((row) => model === undefined || row.model === model);
  if (!who) {
    const names = [...new Set(known.map((row) => row.model))].join(', ');
    throw new UsageError(`agreement: no opinion of "${model}"; there are some of ${names}`);
  }
  const coder = createRulesCoder(data);
  const answered = await listAnswered(sql, who, MAX_OPINIONS);
  const items = answered.map(({ itemId, input, labels }) => ({
    id: itemId,
    title: input.title,
    rules: coder.code(input),
    second: labels,
  }));
  return { who, coder, agreement: compareCoders(items, codebook, examples) };
}

function renderAgreement({ who, coder, agreement }: Compared): string {
  const row = ({ onlyRules, onlySecond, ...rest }: AgreementRow) => ({
    ...rest,
    only_rules: onlyRules,
    only_second: onlySecond,
  });
  const body = {
    model: who.model,
    instructions_version: who.instructionsVersion,
    opinions: who.opinions,
    coder_version: `rules ${coder.version}`,
    codebook_version: coder.codebookVersion,
    items: agreement.items,
    relevance: row(agreement.relevance),
    cells: row(agreement.cells),
    indicators: agreement.indicators.map(row),
    dyads: agreement.dyads.map(row),
    domains: agreement.domains.map(row),
    only_rules: agreement.onlyRules,
    only_second: agreement.onlySecond,
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}

function showAgreement({ who, coder, agreement }: Compared, width: number): string {
  const outcomes = Object.entries(who.opinions).map(([outcome, n]) => `${n} ${outcome}`);
  const figure = (value: number | null) => (value === null ? '–' : value.toFixed(2));
  const rows = (list: AgreementRow[], name = (code: string) => code) =>
    list.map((r) => [
      name(r.code),
      ...[r.both, r.onlyRules, r.onlySecond, r.neither].map(String),
      figure(r.kappa),
      figure(r.f1),
    ]);
  const table = renderTable(
    [
      { title: 'given to an item' },
      { title: 'both', right: true },
      { title: 'only rules', right: true },
      { title: 'only second', right: true },
      { title: 'neither', right: true },
      { title: 'kappa', right: true },
      { title: 'F1', right: true },
    ],
    [
      ...rows([agreement.relevance, agreement.cells]),
      ...rows(agreement.domains),
      ...rows(agreement.dyads, showDyad),
      ...rows(agreement.indicators),
    ],
  );
  const shown = (title: string, list: Example[]) =>
    list.length === 0
      ? ''
      : `\n${title}\n${list.map((e) => `${cutText(`  ${showDyad(e.dyad)}  ${e.indicator}  ${cleanText(e.title)}`, width - 38)}  ${e.id}`).join('\n')}\n`;
  return [
    `${agreement.items} items coded by both: rules ${coder.version} (codebook ${coder.codebookVersion}) and ${who.model} (instructions ${who.instructionsVersion})\n`,
    `opinions: ${outcomes.join(', ')}\n\n`,
    table,
    shown('Only the rules say:', agreement.onlyRules),
    shown('Only the second coder says:', agreement.onlySecond),
  ].join('');
}
